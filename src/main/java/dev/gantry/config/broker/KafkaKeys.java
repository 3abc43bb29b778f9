package dev.gantry.config.broker;

import dev.gantry.config.Mistakes;
import dev.gantry.config.WrongSettingsException;

import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What is to be said of {@code spring.kafka.*}: each thing once, under the name the user wrote. */
final class KafkaKeys {
    /** Those that Spring has a name of its own for. */
    private static final Set<String> OWN =
            Set.of(
                    "acks",
                    "retries",
                    "batch.size",
                    "buffer.memory",
                    "compression.type",
                    "group.id",
                    "enable.auto.commit",
                    "auto.offset.reset",
                    "fetch.min.bytes",
                    "max.poll.records");

    private final String client;
    private final Map<String, String> clientProperties;
    private final Map<String, String> commonProperties;
    private final Mistakes mistakes = new Mistakes();
    private final Set<String> notices = new TreeSet<>();

    private KafkaKeys(
            String client, Map<String, String> clientProperties, KafkaProperties properties) {
        this.client = client;
        this.clientProperties = clientProperties;
        this.commonProperties = properties.getProperties();
    }

    static KafkaKeys ofProducer(KafkaProperties properties) {
        return new KafkaKeys("producer", properties.getProducer().getProperties(), properties);
    }

    static KafkaKeys ofConsumer(KafkaProperties properties) {
        return new KafkaKeys("consumer", properties.getConsumer().getProperties(), properties);
    }

    static KafkaKeys ofAdmin(KafkaProperties properties) {
        return new KafkaKeys("admin", properties.getAdmin().getProperties(), properties);
    }

    void mistake(String key, Object value, String allowed) {
        mistakes.add(name(key), value, allowed);
    }

    void notice(String key, String what) {
        notices.add(name(key) + " is " + what);
    }

    List<String> notices() {
        return List.copyOf(notices);
    }

    /**
     * Has the client read its settings; it names the key and the value.
     *
     * @throws WrongSettingsException if it refuses them, or there were mistakes
     */
    void check(Runnable reading) {
        if (mistakes.isEmpty()) {
            try {
                reading.run();
            } catch (ConfigException e) {
                mistakes.add("spring.kafka (%s): %s".formatted(client, e.getMessage()));
            }
        }
        mistakes.stop();
    }

    /** Null where there is none, or none that is a number: the client says so. */
    @Nullable Long number(Map<String, Object> properties, String key) {
        Object value = properties.get(key);
        if (value == null) {
            return null;
        }
        try {
            return Long.valueOf(String.valueOf(value).strip());
        } catch (NumberFormatException _) {
            return null;
        }
    }

    private String name(String key) {
        if (clientProperties.containsKey(key)) {
            return "spring.kafka.%s.properties.%s".formatted(client, key);
        }
        if (commonProperties.containsKey(key) || !OWN.contains(key)) {
            return "spring.kafka.properties." + key;
        }
        return "spring.kafka.%s.%s".formatted(client, key.replace('.', '-'));
    }
}
