package dev.gantry.intake.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.gantry.secret.Scrubber;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import javax.net.ssl.SSLHandshakeException;

/** What the real client says of files of keys, and whether it is worth waiting. */
class ClientTroubleTest {
    private static final String WRONG = "not-the-passw0rd";

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({
        "keystore, PKCS12, Integrity check failed",
        "truststore, PKCS12, Integrity check failed",
        "keystore, JKS, 'Keystore was tampered with, or password was incorrect'",
        "truststore, JKS, 'Keystore was tampered with, or password was incorrect'",
    })
    void aWrongPasswordOpensNoFileHoweverLongOneWaits(String side, String type, String says)
            throws Exception {
        Path file = store(type);

        Throwable refused = client(side, type, file, WRONG);

        assertThat(ClientTrouble.passes(refused)).isFalse();
        assertThat(ClientTrouble.reason(refused))
                .startsWith(
                        "Failed to load SSL keystore %s of type %s: %s"
                                .formatted(file, type, says));
        assertThat(Scrubber.clean(ClientTrouble.reason(refused)))
                .contains(file.toString(), "password")
                .doesNotContain(WRONG);
    }

    /** As the client wraps it; a worker's line is all that says it. */
    @Test
    void aCertificateThatNobodyTrustsIsNamed() {
        var path = new CertPathBuilderException("unable to find valid certification path");
        var handshake = new SSLHandshakeException("PKIX path building failed");
        handshake.initCause(path);

        assertThat(
                        ClientTrouble.reason(
                                new SslAuthenticationException("SSL handshake failed", handshake)))
                .contains("PKIX path building failed", path.getMessage());
    }

    @Test
    void whatThisJavaDoesNotKnowWillNotCome() throws Exception {
        Throwable refused = client("keystore", "NOPE", store("PKCS12"), "changeit");

        assertThat(ClientTrouble.passes(refused)).isFalse();
        assertThat(ClientTrouble.reason(refused)).contains("NOPE not found");
    }

    @Test
    void aPasswordThatIsMissingAndAFileWithoutKeysAreSettingsToo() throws Exception {
        Path junk = Files.writeString(folder.resolve("junk.pem"), "no key here");

        for (Throwable refused :
                List.of(
                        client("keystore", "PKCS12", store("PKCS12"), null),
                        client("keystore", "PEM", junk, null),
                        client("truststore", "PEM", junk, null))) {
            assertThat(ClientTrouble.passes(refused)).as(ClientTrouble.reason(refused)).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({"PKCS12, changeit", "JKS, changeit", "PEM,"})
    void aFileThatIsNotThereYetMayCome(String type, @Nullable String password) {
        Path absent = folder.resolve("absent");

        Throwable refused = client("keystore", type, absent, password);

        assertThat(ClientTrouble.passes(refused)).isTrue();
        assertThat(ClientTrouble.reason(refused)).contains(absent.toString());
    }

    private Path store(String type) throws Exception {
        KeyStore store = KeyStore.getInstance(type);
        store.load(null, null);
        Path file = folder.resolve("keys." + type);
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, "changeit".toCharArray());
        }
        return file;
    }

    private static Throwable client(
            String side, String type, Path file, @Nullable String password) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", "localhost:1");
        settings.put("security.protocol", "SSL");
        settings.put("ssl.%s.type".formatted(side), type);
        settings.put("ssl.%s.location".formatted(side), file.toString());
        if (password != null) {
            settings.put("ssl.%s.password".formatted(side), password);
        }
        return catchThrowable(() -> Admin.create(settings).close());
    }
}
