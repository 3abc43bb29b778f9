package dev.gantry.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.intake.offset.OffsetMap;
import dev.gantry.intake.position.LogResets;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.DurableBroker;
import dev.gantry.testbed.RequestLines;
import dev.gantry.testbed.Topic;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A broker that comes back from a backup: the log's end is gone, and other records come there. */
class TruncatedLogTest {
    /** Whether the worker runs while the broker is restored, and how much comes then. */
    private enum Way {
        RUNNING(true, true, 50),
        RUNNING_CLASSIC(true, false, 200),
        IDLE(true, true, 50),
        IDLE_AND_OVERTAKEN(true, true, 200),
        AWAY(false, true, 50),
        AWAY_AND_OVERTAKEN(false, true, 200);

        private final boolean running;
        private final boolean kip848;
        private final int count;

        Way(boolean running, boolean kip848, int count) {
            this.running = running;
            this.kip848 = kip848;
            this.count = count;
        }

        /** Restarted with nothing to read, so that it has seen no record of the log. */
        private boolean idle() {
            return this == IDLE || this == IDLE_AND_OVERTAKEN;
        }
    }

    @Test
    void whatComesInThePlaceOfWhatIsLostIsAnswered() throws Exception {
        // Less room for metadata than is usual: what is committed has to do with it.
        try (DurableBroker broker = DurableBroker.start("offset.metadata.max.bytes=150")) {
            List<Case> cases = new ArrayList<>();
            for (Way way : Way.values()) {
                cases.add(new Case(broker.bootstrapServers(), way));
            }
            for (Case each : cases) {
                each.topic.send(RequestLines.bare("kept-", 100), 1);
            }
            broker.stop();
            for (Case each : cases) {
                broker.backUp(each.partition());
            }
            broker.startAgain();
            for (Case each : cases) {
                each.begin();
            }

            broker.stop();
            for (Case each : cases) {
                broker.restore(each.partition());
            }
            broker.startAgain();
            for (Case each : cases) {
                each.goOn();
            }
            for (Case each : cases) {
                each.end();
            }
        }
    }

    /** One topic and its worker. */
    private static final class Case {
        private final CountedWork work = new CountedWork();
        private final String bootstrapServers;
        private final Way way;
        private final Topic topic;
        private final String group;
        private @Nullable Member member;

        Case(String bootstrapServers, Way way) throws Exception {
            this.bootstrapServers = bootstrapServers;
            this.way = way;
            this.topic = Topic.createOn(bootstrapServers, "truncated", 1);
            this.group = topic.name();
            work.hold(id -> !way.idle() && id.equals("kept-90"));
        }

        String partition() {
            return topic.name() + "-0";
        }

        void begin() throws Exception {
            topic.send(RequestLines.bare("lost-", 100), 1);
            Member joined = join();
            int all = way.idle() ? 200 : 199;
            Await.until(way + ": all in hand", () -> work.done("") == all);
            Await.until(way + ": what is done is committed", () -> done() == all);
            member = joined;
            if (!way.running || way.idle()) {
                joined.leave();
            }
            if (way.idle()) {
                Member again = join();
                member = again;
                Await.until(way + ": reads", () -> reads(again));
            }
        }

        void goOn() throws Exception {
            topic.send(RequestLines.bare("new-", way.count), 1);
            if (!way.running) {
                member = join();
            }
        }

        void end() throws Exception {
            Await.until(way + ": the new ones are done", () -> work.done("new") == way.count);
            work.release();
            Await.until(
                    way + ": all is committed",
                    () -> topic.committed(group, 0).offset() == 100 + way.count);
            assertThat(work.repeated()).as(way.name()).isSubsetOf("kept-90 x2");
            Member last = Objects.requireNonNull(member);
            assertThat(last.intake().logResets().count(LogResets.Reason.TRUNCATED)).isOne();
            last.leave();
            topic.close();
        }

        private static boolean reads(Member joined) {
            return joined.intake().partitions().stream()
                    .anyMatch(each -> each.pending() == null && each.watermark() == 200);
        }

        private Member join() {
            return Member.join(
                    topic.name(),
                    group,
                    work,
                    way.kip848,
                    Duration.ofMillis(100),
                    Map.of("bootstrap.servers", bootstrapServers));
        }

        private long done() throws Exception {
            OffsetAndMetadata committed = topic.committed(group, 0);
            OffsetMap map = OffsetMap.read(committed.metadata(), committed.offset());
            return map.top() - map.incomplete().count();
        }
    }
}
