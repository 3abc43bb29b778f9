package dev.gantry.testbed;

import dev.gantry.provider.TestCertificate;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/**
 * A broker that wants TLS and a password, as those in production do; tests look in by a plain door.
 */
public final class SecuredBroker implements AutoCloseable {
    private static final int ITERATIONS = 4096;
    private static final Base64.Encoder PEM =
            Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    private final DurableBroker broker;
    private final String address;
    private final Path certificate;

    private SecuredBroker(DurableBroker broker, String address, Path certificate) {
        this.broker = broker;
        this.address = address;
        this.certificate = certificate;
    }

    /**
     * Returns once it answers.
     *
     * @param folder for its key and its certificate
     * @param user who may come in, by SCRAM-SHA-512
     */
    public static SecuredBroker start(Path folder, String user, String password)
            throws IOException, InterruptedException, ExecutionException, GeneralSecurityException {
        TestCertificate made = TestCertificate.of(folder, "dns:localhost");
        String address = "localhost:" + Ports.free();
        DurableBroker broker =
                DurableBroker.startWith(
                        List.of("SECURED://" + address),
                        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL",
                        "sasl.enabled.mechanisms=SCRAM-SHA-512",
                        "listener.name.secured.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
                        "ssl.keystore.type=PKCS12",
                        "ssl.keystore.location=" + folder.resolve("keys.p12"),
                        "ssl.keystore.password=" + TestCertificate.PASSWORD,
                        "ssl.key.password=" + TestCertificate.PASSWORD);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            var how = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS);
            admin.alterUserScramCredentials(
                            List.of(new UserScramCredentialUpsertion(user, how, password)))
                    .all()
                    .get();
        }
        Path pem = folder.resolve("broker.pem");
        String text = PEM.encodeToString(made.store().getCertificate("server").getEncoded());
        Files.writeString(
                pem, "-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n");
        return new SecuredBroker(broker, address, pem);
    }

    /** SASL over TLS. */
    public String address() {
        return address;
    }

    /** For tests that look at what is on it. */
    public String plainAddress() {
        return broker.bootstrapServers();
    }

    /** Its own, in PEM, to be trusted. */
    public Path certificate() {
        return certificate;
    }

    @Override
    public void close() throws IOException {
        broker.close();
    }
}
