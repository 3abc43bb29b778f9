package dev.gantry.cli.batch;

import dev.gantry.cli.CommandLine;
import dev.gantry.cli.CommandLine.Grammar;
import dev.gantry.cli.ExitCode;
import dev.gantry.cli.StopSignal;
import dev.gantry.cli.Terminal;

import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** {@code export}: prints what a topic holds, a record's value a line, and ends. */
public final class ExportCommand {
    public static final String USAGE =
            """
            usage: export TOPIC [--from TIME] [--to TIME]
              TOPIC        requests, results, chunks, metering, audit, routing or dead-letters, as
                           gantry.topics names them; or a topic's own name
              --from TIME  only records of that time or later (default: all that the topic holds)
              --to TIME    only records before that time (default: none that come after the start)
              TIME         2026-11-20T10:00:00Z, 2026-11-20 (its beginning in UTC), or back from
                           now: 90s, 10m, 2h, 35d
            Values go to standard output as they are, in the order of each partition.
            exit code: 0 all printed, 2 usage or no such topic, 4 interrupted, 1 anything else
            """;

    private static final Grammar GRAMMAR =
            new Grammar("export", Set.of("from", "to"), Set.of(), USAGE);

    private static final Pattern BACK = Pattern.compile("(\\d{1,9})([smhd])");

    /** A person waits for the word that nobody answers. */
    private static final Duration ANSWER = Duration.ofSeconds(5);

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

    /** Without any record for so long, the end is not going to be reached. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String topic;
    private final @Nullable String from;
    private final @Nullable String to;

    private ExportCommand(String topic, @Nullable String from, @Nullable String to) {
        this.topic = topic;
        this.from = from;
        this.to = to;
    }

    /**
     * Reads the arguments that follow the command's name.
     *
     * @throws UsageException if they cannot be obeyed
     */
    public static ExportCommand parse(List<String> args) {
        CommandLine line = GRAMMAR.parse(args);
        if (line.operands().size() != 1) {
            throw GRAMMAR.refuse(
                    line.operands().isEmpty()
                            ? "TOPIC is missing"
                            : "expected one TOPIC, got " + String.join(" ", line.operands()));
        }
        // Refused before anything is asked; what "back from now" means is known once it runs.
        line.value("from").ifPresent(text -> time("--from", text, Instant.EPOCH));
        line.value("to").ifPresent(text -> time("--to", text, Instant.EPOCH));
        return new ExportCommand(
                line.operands().getFirst(),
                line.value("from").orElse(null),
                line.value("to").orElse(null));
    }

    /**
     * Of the records' timestamps.
     *
     * @param to not included
     */
    private record Span(Instant from, Instant to) {
        boolean holds(ConsumerRecord<?, ?> record) {
            Instant written = Instant.ofEpochMilli(record.timestamp());
            return !written.isBefore(from) && written.isBefore(to);
        }
    }

    private Span span(Instant now) {
        Instant first = from == null ? Instant.EPOCH : time("--from", from, now);
        Instant last = to == null ? Instant.MAX : time("--to", to, now);
        if (from != null && !first.isBefore(last)) {
            throw GRAMMAR.refuse("--from %s is not before --to %s".formatted(from, to));
        }
        return new Span(first.isBefore(Instant.EPOCH) ? Instant.EPOCH : first, last);
    }

    private static Instant time(String option, String text, Instant now) {
        Matcher back = BACK.matcher(text);
        if (back.matches()) {
            long amount = Long.parseLong(back.group(1));
            return now.minus(
                    switch (back.group(2)) {
                        case "s" -> Duration.ofSeconds(amount);
                        case "m" -> Duration.ofMinutes(amount);
                        case "h" -> Duration.ofHours(amount);
                        default -> Duration.ofDays(amount);
                    });
        }
        try {
            return text.contains("T")
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeException _) {
            throw GRAMMAR.refuse(
                    ("%s %s is no time; allowed are 2026-11-20T10:00:00Z, 2026-11-20 and times back"
                                    + " from now such as 90s, 10m, 2h, 35d")
                            .formatted(option, text));
        }
    }

    /**
     * Runs to its end and returns the exit code.
     *
     * @param topics what the fleet's topics are called, by what they are for
     */
    public int run(
            BrokerAccess broker,
            Map<String, String> topics,
            Terminal terminal,
            StopSignal stop,
            InstantSource clock) {
        String name = topics.getOrDefault(topic, topic);
        Span span = span(clock.instant());
        Consumer<byte[], byte[]> consumer;
        try {
            consumer = broker.openConsumer();
        } catch (KafkaException e) {
            terminal.note("export: no client can be made: " + BrokerWatch.message(e));
            return ExitCode.TROUBLE.code();
        }
        try {
            Set<TopicPartition> partitions =
                    consumer.partitionsFor(name, ANSWER).stream()
                            .map(each -> new TopicPartition(name, each.partition()))
                            .collect(Collectors.toSet());
            if (partitions.isEmpty()) {
                terminal.note(missing(name, topics));
                return ExitCode.USAGE.code();
            }
            Map<TopicPartition, Long> ends = open(consumer, partitions, span);
            return new Reading(consumer, ends, span, terminal, clock).run(name, stop).code();
        } catch (TimeoutException _) {
            terminal.note("export: no answer from " + broker.address());
            return ExitCode.TROUBLE.code();
        } catch (KafkaException e) {
            terminal.note("export: " + BrokerWatch.message(e));
            return ExitCode.TROUBLE.code();
        } finally {
            consumer.close(CloseOptions.timeout(CLOSE_PATIENCE));
        }
    }

    private static String missing(String name, Map<String, String> topics) {
        return "export: topic %s does not exist; this configuration has %s"
                .formatted(
                        name,
                        topics.entrySet().stream()
                                .map(each -> "%s (%s)".formatted(each.getKey(), each.getValue()))
                                .sorted()
                                .collect(Collectors.joining(", ")));
    }

    /** Stands where the span begins; returns where each partition ends now. */
    private static Map<TopicPartition, Long> open(
            Consumer<byte[], byte[]> consumer, Set<TopicPartition> partitions, Span span) {
        consumer.assign(partitions);
        Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
        Map<TopicPartition, OffsetAndTimestamp> starts =
                consumer.offsetsForTimes(
                        partitions.stream()
                                .collect(
                                        Collectors.toMap(
                                                each -> each, _ -> span.from().toEpochMilli())));
        for (TopicPartition each : partitions) {
            OffsetAndTimestamp start = starts.get(each);
            if (start == null) {
                ends.remove(each); // all that is there is older
            } else {
                consumer.seek(each, start.offset());
            }
        }
        consumer.assign(ends.keySet());
        return ends;
    }

    /** One pass over what the partitions held when it began. */
    private static final class Reading {
        private final Consumer<byte[], byte[]> consumer;
        private final Map<TopicPartition, Long> ends;
        private final Span span;
        private final Terminal terminal;
        private final InstantSource clock;
        private long printed;

        Reading(
                Consumer<byte[], byte[]> consumer,
                Map<TopicPartition, Long> ends,
                Span span,
                Terminal terminal,
                InstantSource clock) {
            this.consumer = consumer;
            this.ends = ends;
            this.span = span;
            this.terminal = terminal;
            this.clock = clock;
        }

        ExitCode run(String name, StopSignal stop) {
            Instant moved = clock.instant();
            while (!finished()) {
                if (stop.requested()) {
                    terminal.note("export: interrupted after " + told(name));
                    return ExitCode.INTERRUPTED;
                }
                if (clock.instant().isAfter(moved.plus(PATIENCE))) {
                    terminal.note(
                            "export: the broker gives no more after %s; not all was printed"
                                    .formatted(told(name)));
                    return ExitCode.TROUBLE;
                }
                if (print()) {
                    moved = clock.instant();
                }
                if (terminal.unheard()) {
                    return ExitCode.SUCCEEDED; // what that means, the terminal says
                }
            }
            terminal.note("export: " + told(name));
            return ExitCode.SUCCEEDED;
        }

        /** Partitions that are through are read no further. */
        private boolean finished() {
            ends.entrySet().removeIf(each -> consumer.position(each.getKey()) >= each.getValue());
            if (ends.size() < consumer.assignment().size()) {
                consumer.assign(ends.keySet());
            }
            return ends.isEmpty();
        }

        /** Whether anything came. */
        private boolean print() {
            var lines = new ByteArrayOutputStream();
            var records = consumer.poll(POLL);
            for (ConsumerRecord<byte[], byte[]> record : records) {
                Long end = ends.get(new TopicPartition(record.topic(), record.partition()));
                byte[] value = record.value();
                if (end != null && record.offset() < end && value != null && span.holds(record)) {
                    if (lines.size() > 0) {
                        lines.write('\n');
                    }
                    lines.writeBytes(onOneLine(value));
                    printed++;
                }
            }
            if (lines.size() > 0) {
                terminal.answer(lines.toByteArray());
            }
            return !records.isEmpty();
        }

        /** In JSON a line's end stands between its tokens only, where a blank means the same. */
        private static byte[] onOneLine(byte[] value) {
            for (int each = 0; each < value.length; each++) {
                if (value[each] == '\n' || value[each] == '\r') {
                    value[each] = ' ';
                }
            }
            return value;
        }

        private String told(String name) {
            return String.format(
                    Locale.ROOT,
                    "%,d %s of %s",
                    printed,
                    printed == 1 ? "record" : "records",
                    name);
        }
    }
}
