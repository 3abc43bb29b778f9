package dev.gantry.config.broker;

import dev.gantry.config.Mistakes;
import dev.gantry.config.WrongSettingsException;

import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.core.env.Environment;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether the compression works on this machine: some codecs unpack a library into the directory
 * for temporary files, where it may not be loaded. Found out later, a worker would call providers
 * and publish nothing.
 */
public final class Codecs {
    /** What Gantry writes unless told otherwise, so what its readers meet. */
    private static final String DEFAULT = "zstd";

    private Codecs() {}

    /**
     * Compresses and decompresses one byte with the producer's codec and with Gantry's default.
     *
     * @throws WrongSettingsException if one does not work
     */
    public static void check(Environment environment) {
        Mistakes mistakes = new Mistakes();
        String own = own(environment);
        for (CompressionType type : CompressionType.values()) {
            if (type.name.equals(own) || type.name.equals(DEFAULT)) {
                sentence(type).ifPresent(mistakes::add);
            }
        }
        mistakes.stop();
    }

    /** What does not work of that which only others write; one sentence each. The rest is Java. */
    public static List<String> foreign() {
        return sentence(CompressionType.SNAPPY).stream().toList();
    }

    private static String own(Environment environment) {
        Object own =
                Binder.get(environment)
                        .bindOrCreate("spring.kafka", KafkaProperties.class)
                        .buildProducerProperties()
                        .getOrDefault(ProducerConfig.COMPRESSION_TYPE_CONFIG, DEFAULT);
        return String.valueOf(own).strip().toLowerCase(Locale.ROOT);
    }

    private static Optional<String> sentence(CompressionType type) {
        return Optional.ofNullable(trouble(type)).map(trouble -> sentence(type, trouble));
    }

    private static String sentence(CompressionType type, Throwable trouble) {
        return ("compression %s does not work here (%s): its library is unpacked into %s, which must"
                        + " exist, be writable and not be mounted noexec;"
                        + " java -Djava.io.tmpdir=DIRECTORY names another")
                .formatted(type.name, reason(trouble), System.getProperty("java.io.tmpdir"));
    }

    private static @Nullable Throwable trouble(CompressionType type) {
        Compression compression = Compression.of(type).build();
        try {
            ByteBufferOutputStream packed = new ByteBufferOutputStream(512);
            try (OutputStream out =
                    compression.wrapForOutput(packed, RecordBatch.CURRENT_MAGIC_VALUE)) {
                out.write('x');
            }
            ByteBuffer written = packed.buffer().flip();
            try (InputStream in =
                    compression.wrapForInput(
                            written, RecordBatch.CURRENT_MAGIC_VALUE, BufferSupplier.NO_CACHING)) {
                return in.read() == 'x' ? null : new IOException("it gives back another byte");
            }
        } catch (IOException | RuntimeException | LinkageError e) {
            return e;
        }
    }

    private static String reason(Throwable trouble) {
        Throwable root = trouble;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage();
        String line = message == null ? "" : message.lines().findFirst().orElse("");
        return "%s: %s".formatted(root.getClass().getSimpleName(), line);
    }
}
