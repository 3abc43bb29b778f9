package dev.gantry.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.event.TopicSettings;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.Topic;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

public class TopicsTest {
    private static final int LARGE = 26_214_400;

    private final TopicSettings settings = settings(SharedBroker.unique("topics"), true);

    public static TopicSettings settings(String stem, boolean create) {
        return new TopicSettings(
                stem + ".requests",
                stem + ".results",
                stem + ".chunks",
                stem + ".metering",
                stem + ".audit",
                stem + ".routing",
                stem + ".dead-letters",
                create,
                3,
                (short) -1);
    }

    @Test
    void createsWhatIsMissing() throws ExecutionException, InterruptedException {
        try (Admin admin = admin()) {
            ready(admin, settings, LARGE);

            TopicDescription metering =
                    admin.describeTopics(List.of(settings.metering()))
                            .allTopicNames()
                            .get()
                            .get(settings.metering());
            assertThat(metering).isNotNull();
            assertThat(metering.partitions()).hasSize(3);
            assertThat(config(admin, settings.metering(), "retention.ms"))
                    .isEqualTo(Long.toString(TimeUnit.DAYS.toMillis(35)));
            assertThat(config(admin, settings.results(), "max.message.bytes"))
                    .isEqualTo(Integer.toString(LARGE));
            assertThat(admin.listTopics().names().get())
                    .contains(
                            settings.requests(),
                            settings.chunks(),
                            settings.audit(),
                            settings.routing(),
                            settings.deadLetters());
        }
    }

    @Test
    void usesWhatExistsAndItsLimit() throws ExecutionException, InterruptedException {
        try (Admin admin = admin()) {
            NewTopic results =
                    new NewTopic(settings.results(), 1, (short) 1)
                            .configs(Map.of("max.message.bytes", "70000"));
            NewTopic audit =
                    new NewTopic(settings.audit(), 1, (short) 1)
                            .configs(Map.of("max.message.bytes", "65000"));
            Topic.make(admin, List.of(results, audit));

            assertThat(ready(admin, settings, LARGE))
                    .isEqualTo(new Topics.Readiness.Ready(70_000, 65_000));
            assertThat(ready(admin, settings, 60_000))
                    .isEqualTo(new Topics.Readiness.Ready(60_000, 60_000));
        }
    }

    @Test
    void createsNothingWhenSwitchedOff() throws ExecutionException, InterruptedException {
        try (Admin admin = admin()) {
            TopicSettings off = settings(SharedBroker.unique("none"), false);

            Topics.Readiness readiness =
                    new Topics(admin, off, List.of(off.requests()), LARGE, LARGE).prepare();

            assertThat(readiness).isInstanceOf(Topics.Readiness.NotYet.class);
            assertThat(admin.listTopics().names().get()).doesNotContain(off.results());
        }
    }

    @Test
    void namesTheTopicsThatAreMissing() throws ExecutionException, InterruptedException {
        try (Admin admin = admin()) {
            TopicSettings off = settings(SharedBroker.unique("some"), false);
            Topic.make(admin, List.of(new NewTopic(off.results(), 1, (short) 1)));

            Topics.Readiness readiness =
                    new Topics(admin, off, List.of(off.requests()), LARGE, LARGE).prepare();

            assertThat(readiness).isInstanceOf(Topics.Readiness.NotYet.class);
            assertThat(((Topics.Readiness.NotYet) readiness).reason())
                    .contains(off.metering(), off.audit(), off.deadLetters())
                    .doesNotContain(off.chunks());
        }
    }

    @Test
    void theProducersOwnLimitCountsToo() throws ExecutionException, InterruptedException {
        try (Admin admin = admin()) {
            ready(admin, settings, LARGE);

            assertThat(
                            new Topics(admin, settings, List.of(settings.requests()), LARGE, 50_000)
                                    .prepare())
                    .isEqualTo(new Topics.Readiness.Ready(50_000, 50_000));
        }
    }

    @Test
    void saysSoWhenTheBrokerDoesNotAnswer() throws InterruptedException {
        Map<String, Object> nobody =
                Map.of(
                        "bootstrap.servers", "localhost:1",
                        "default.api.timeout.ms", "200",
                        "request.timeout.ms", "100");
        try (Admin admin = Admin.create(nobody)) {
            Topics.Readiness readiness =
                    new Topics(admin, settings, List.of(settings.requests()), LARGE, LARGE)
                            .prepare();

            assertThat(readiness).isInstanceOf(Topics.Readiness.NotYet.class);
        }
    }

    /** As a worker does: asks again until the new topics have spread. */
    static Topics.Readiness ready(Admin admin, TopicSettings settings, int limit) {
        Topics topics = new Topics(admin, settings, List.of(settings.requests()), limit, LARGE);
        return Awaitility.await().until(topics::prepare, Topics.Readiness.Ready.class::isInstance);
    }

    static Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", SharedBroker.bootstrapServers()));
    }

    private static String config(Admin admin, String topic, String name)
            throws ExecutionException, InterruptedException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
        assertThat(config).isNotNull();
        return config.get(name).value();
    }
}
