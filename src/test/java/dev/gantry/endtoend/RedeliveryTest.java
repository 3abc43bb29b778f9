package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.launch.Commands;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.OwnSchema;
import dev.gantry.testbed.RequestLines;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.Topic;
import dev.gantry.testbed.TopicReader;

import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** A worker that follows one which died with its results in the spool and offsets uncommitted. */
class RedeliveryTest {
    private static final String DONE =
            """
            insert into ${schema}.spool_done (topic, part, position, stamp)
            values (:topic, :part, :position, :stamp)
            """;

    @AutoClose private final OwnSchema database = new OwnSchema(4);

    @Test
    void whatIsInTheSpoolCallsNoProviderAgainAndIsCommitted() throws Exception {
        String group = SharedBroker.unique("redelivery");
        try (SimulatedProvider provider = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
                Topic requests = Topic.create("redelivery", 1);
                Fleet fleet =
                        Fleet.create()
                                .provider("acme", "cloud", provider.baseUrl(), "m")
                                .with("gantry.database.schema", database.name().value())
                                .with("gantry.worker.group", group)
                                .with("gantry.topics.requests", requests.name())) {
            database.migrate();
            List<RecordMetadata> sent = requests.send(RequestLines.bare("r", 6), 1);
            done(sent.get(0), 0);
            done(sent.get(2), 0);
            // Another record stood at this offset when that result was made.
            done(sent.get(4), -1);

            try (ConfigurableApplicationContext _ =
                            Commands.startWorker(List.of(fleet.arguments()));
                    TopicReader results = fleet.read("results")) {
                results.until("four results", seen -> seen.size() == 4);
                Await.until("all committed", () -> requests.committed(group, 0).offset() == 6);
                Await.until("positions forgotten", () -> database.count("spool_done") == 0);

                assertThat(results.all())
                        .extracting(record -> new String(record.key(), StandardCharsets.UTF_8))
                        .containsExactlyInAnyOrder("r1", "r3", "r4", "r5");
                assertThat(provider.ledger().calls()).hasSize(4);
            }
        }
    }

    private void done(RecordMetadata place, long shift) {
        database.sql(DONE)
                .param("topic", place.topic())
                .param("part", place.partition())
                .param("position", place.offset())
                .param("stamp", place.timestamp() + shift)
                .update();
    }
}
