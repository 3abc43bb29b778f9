package dev.gantry.testbed;

import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A broker in a process of its own, so that its CPU is not the measuring one's. */
public final class BrokerProcess implements AutoCloseable {
    private static final String SAYS = "bootstrap ";

    private final Process process;
    private final String bootstrapServers;

    private BrokerProcess(Process process, String bootstrapServers) {
        this.process = process;
        this.bootstrapServers = bootstrapServers;
    }

    public static BrokerProcess start() throws IOException {
        Process process =
                JavaProcess.builder(List.of("-Xmx1g"), BrokerProcess.class.getName(), List.of())
                        .redirectError(Path.of("target", "broker.log").toFile())
                        .start();
        BufferedReader output =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(SAYS)) {
                return new BrokerProcess(process, line.substring(SAYS.length()));
            }
        }
        throw new IOException("the broker did not start, see target/broker.log");
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    public static void main(String[] args) throws IOException {
        EmbeddedKafkaKraftBroker broker = new EmbeddedKafkaKraftBroker(1, 1);
        broker.brokerProperties(
                Map.of(
                        "group.initial.rebalance.delay.ms", "0",
                        "auto.create.topics.enable", "false",
                        "offsets.topic.num.partitions", "4",
                        "offsets.topic.replication.factor", "1"));
        broker.afterPropertiesSet();
        System.out.println(SAYS + broker.getBrokersAsString());
        System.out.flush();
        // Ends with its parent: standard input closes.
        System.in.transferTo(OutputStream.nullOutputStream());
        Runtime.getRuntime().halt(0);
    }
}
