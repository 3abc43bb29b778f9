package dev.gantry.cli.batch;

import dev.gantry.cli.StopSignal;
import dev.gantry.cli.Visible;
import dev.gantry.cli.batch.LineReader.Line;
import dev.gantry.cli.result.BatchId;
import dev.gantry.cli.result.ExpectedIds;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.request.DecodedRecord;
import dev.gantry.request.RequestDecoder;
import dev.gantry.request.RequestLimits;
import dev.gantry.request.RequestLine;
import dev.gantry.request.RequestLine.Foreign;
import dev.gantry.request.RequestLine.Illegible;
import dev.gantry.request.RequestLine.Legible;

import org.apache.kafka.clients.consumer.ConsumerRecord;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The look at every line before the first is sent. */
public final class FileCheck {
    private static final int NAMED_PROBLEMS = 10;

    // Sizes and times are for the workers' configuration to judge.
    private final RequestDecoder decoder =
            new RequestDecoder(
                    new RequestLimits(Long.MAX_VALUE, Duration.ZERO), () -> Instant.EPOCH);

    private final BatchFile file;
    private final BatchId batch;
    private final StopSignal stop;
    private final ExpectedIds expectedIds = new ExpectedIds();
    private final List<Problem> problems = new ArrayList<>();
    private long problemCount;

    FileCheck(BatchFile file, BatchId batch, StopSignal stop) {
        this.file = file;
        this.batch = batch;
        this.stop = stop;
    }

    /**
     * What the look found.
     *
     * @param expectedIds the ids of the good lines
     * @param extent how much was looked at
     * @param problems the first few, a sentence each
     * @param problemCount how many there are in all
     */
    record Report(
            ExpectedIds expectedIds,
            LineReader.Extent extent,
            List<String> problems,
            long problemCount) {
        Report {
            problems = List.copyOf(problems);
        }
    }

    private sealed interface Problem {
        record Bad(long line, String reason) implements Problem {}

        record Duplicate(long line, String customId) implements Problem {}
    }

    Report run() throws IOException {
        LineReader.Extent extent;
        try (LineReader reader = file.open()) {
            Line line = reader.next();
            while (line != null && !stop.requested() && look(line)) {
                line = reader.next();
            }
            extent = reader.extent();
        }
        Map<String, Long> firstLines = firstLinesOfDuplicates();
        return new Report(
                expectedIds,
                extent,
                problems.stream().map(problem -> sentence(problem, firstLines)).toList(),
                problemCount);
    }

    /** Whether looking on is of use. */
    private boolean look(Line line) {
        switch (read(line.bytes())) {
            case Foreign(String encoding) -> {
                note(new Problem.Bad(line.number(), foreign(encoding)));
                return false; // its line ends are not what they seem
            }
            case Illegible(String reason) -> note(new Problem.Bad(line.number(), reason));
            case Legible(String customId, String own)
                    when own != null && !own.equals(batch.value()) ->
                    note(new Problem.Bad(line.number(), otherBatch(own, batch)));
            case Legible(String customId, _) -> {
                if (!expectedIds.expect(customId)) {
                    note(new Problem.Duplicate(line.number(), customId));
                }
            }
        }
        return true;
    }

    /** As workers do; of a line that none of them takes, in submit's words where it has any. */
    private RequestLine read(byte[] line) {
        return switch (decoder.decode(new ConsumerRecord<>("", 0, 0, null, line))) {
            case DecodedRecord.Valid(InferenceRequest request) ->
                    new Legible(request.customId(), request.batchId());
            case DecodedRecord.Invalid(String message, _, _) ->
                    switch (RequestLine.parse(line)) {
                        case Legible _ -> new Illegible(message);
                        case RequestLine other -> other;
                    };
        };
    }

    /** What is said of the first line of a file in another encoding. */
    public static String foreign(String encoding) {
        return "is %s, not UTF-8; the lines after it were not looked at".formatted(encoding);
    }

    /** What is said of a line that names another batch than the one it is sent under. */
    public static String otherBatch(String own, BatchId batch) {
        return "has gantry.batch_id %s and would be answered under it, not under \"%s\":"
                        .formatted(Visible.quoted(own), batch)
                + " give that --batch-id, or take the member out";
    }

    private void note(Problem problem) {
        problemCount++;
        if (problems.size() < NAMED_PROBLEMS) {
            problems.add(problem);
        }
    }

    /** The roll keeps no line numbers; a second reading finds those of the few named duplicates. */
    private Map<String, Long> firstLinesOfDuplicates() throws IOException {
        Map<String, Long> lines = new HashMap<>();
        for (Problem problem : problems) {
            if (problem instanceof Problem.Duplicate(long line, String customId)) {
                lines.put(customId, line);
            }
        }
        int missing = lines.size();
        try (LineReader reader = file.open()) {
            Line line = reader.next();
            while (missing > 0 && line != null && !stop.requested()) {
                if (RequestLine.parse(line.bytes()) instanceof Legible(String customId, _)
                        && lines.getOrDefault(customId, 0L) > line.number()) {
                    lines.put(customId, line.number());
                    missing--;
                }
                line = reader.next();
            }
        }
        return lines;
    }

    private String sentence(Problem problem, Map<String, Long> firstLines) {
        return switch (problem) {
            case Problem.Bad(long line, String reason) ->
                    "%s, line %d: %s".formatted(file.name(), line, Visible.line(reason));
            case Problem.Duplicate(long line, String customId) ->
                    "%s, line %d: custom_id %s is already on line %d; each must be unique"
                            .formatted(
                                    file.name(),
                                    line,
                                    Visible.quoted(customId),
                                    firstLines.getOrDefault(customId, 0L));
        };
    }
}
