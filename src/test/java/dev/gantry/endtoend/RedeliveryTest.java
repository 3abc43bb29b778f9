package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.fleet.FleetSchema;
import dev.gantry.fleet.SchemaName;
import dev.gantry.launch.Commands;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.SharedDatabase;
import dev.gantry.testbed.Topic;
import dev.gantry.testbed.TopicReader;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A worker that follows one which died with its results in the spool and offsets uncommitted. */
class RedeliveryTest {
    private static final String DONE =
            """
            insert into ${schema}.spool_done (topic, part, position, stamp)
            values (:topic, :part, :position, :stamp)
            """;

    private final SchemaName schema = new SchemaName(SharedDatabase.uniqueSchema());

    @Test
    void whatIsInTheSpoolCallsNoProviderAgainAndIsCommitted() throws Exception {
        String group = SharedBroker.unique("redelivery");
        try (SimulatedProvider provider = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
                HikariDataSource pool = pool();
                Topic requests = Topic.create("redelivery", 1);
                Fleet fleet =
                        Fleet.create()
                                .provider("acme", "cloud", provider.baseUrl(), "m")
                                .with("gantry.database.schema", schema.value())
                                .with("gantry.worker.group", group)
                                .with("gantry.topics.requests", requests.name())) {
            new FleetSchema(pool, schema).migrate();
            List<RecordMetadata> sent = requests.send(lines(6), 1);
            done(pool, sent.get(0), 0);
            done(pool, sent.get(2), 0);
            // Another record stood at this offset when that result was made.
            done(pool, sent.get(4), -1);

            try (ConfigurableApplicationContext _ =
                            Commands.startWorker(List.of(fleet.arguments()));
                    TopicReader results = fleet.read("results")) {
                results.until("four results", seen -> seen.size() == 4);
                Await.until("all committed", () -> watermark(requests, group) == 6);
                Await.until("positions forgotten", () -> positions(pool) == 0);

                assertThat(results.all())
                        .extracting(record -> new String(record.key(), StandardCharsets.UTF_8))
                        .containsExactlyInAnyOrder("r1", "r3", "r4", "r5");
                assertThat(provider.ledger().calls()).hasSize(4);
            }
        }
    }

    private static long watermark(Topic requests, String group) throws Exception {
        OffsetAndMetadata committed =
                requests.committed(group).get(new TopicPartition(requests.name(), 0));
        return committed == null ? -1 : committed.offset();
    }

    private long positions(HikariDataSource pool) {
        return JdbcClient.create(pool)
                .sql(schema.in("select count(*) from ${schema}.spool_done"))
                .query(Long.class)
                .single();
    }

    private void done(HikariDataSource pool, RecordMetadata place, long shift) {
        JdbcClient.create(pool)
                .sql(schema.in(DONE))
                .param("topic", place.topic())
                .param("part", place.partition())
                .param("position", place.offset())
                .param("stamp", place.timestamp() + shift)
                .update();
    }

    private static List<byte[]> lines(int count) {
        List<byte[]> lines = new ArrayList<>();
        for (int each = 0; each < count; each++) {
            lines.add(
                    "{\"custom_id\":\"r%d\",\"body\":{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}}"
                            .formatted(each)
                            .getBytes(StandardCharsets.UTF_8));
        }
        return lines;
    }

    private static HikariDataSource pool() {
        SharedDatabase.Address address = SharedDatabase.address();
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(address.url());
        pool.setUsername(address.username());
        pool.setPassword(address.password());
        pool.setMaximumPoolSize(4);
        return pool;
    }
}
