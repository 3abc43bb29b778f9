package dev.gantry.cli.result;

import dev.gantry.cli.result.ResultLine.Tokens;
import dev.gantry.cli.result.ResultLine.Try;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** One pass over one result; the answer's text is skipped, not built. */
final class ResultReading {
    private static final int MAX_DEPTH = 100_000;
    private static final int MAX_DIGITS = 18;
    // Answers are as large and as deep as providers make them; a result that cannot be read here
    // would never end its request.
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(MAX_DEPTH)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .maxNumberLength(Integer.MAX_VALUE)
                                    .maxNameLength(Integer.MAX_VALUE)
                                    .build())
                    .build();
    // No exponent: a foreign "1e999999999" would make the sum a gigabyte of zeros.
    private static final Pattern MONEY = Pattern.compile("-?\\d{1,20}(\\.\\d{1,20})?");

    private final JsonParser parser;
    private final List<Try> attempts = new ArrayList<>();
    private @Nullable String id;
    private @Nullable String customId;
    private @Nullable String batchId;
    private @Nullable Integer status;
    private String outcome = "unknown";
    private @Nullable String errorCode;
    private Tokens tokens = Tokens.NONE;
    private @Nullable BigDecimal cost;
    private @Nullable Long queuedMs;
    private @Nullable Long tookMs;

    private ResultReading(JsonParser parser) {
        this.parser = parser;
    }

    /** Empty if it is no result that could belong to anybody. */
    static Optional<ResultLine> parse(byte[] value) {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), value)) {
            return new ResultReading(parser).line();
        } catch (JacksonException e) {
            return Optional.empty(); // a foreign record: its request stays open and is seen as such
        }
    }

    private Optional<ResultLine> line() {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return Optional.empty();
        }
        members(
                name -> {
                    switch (name) {
                        case "id" -> id = text();
                        case "custom_id" -> customId = text();
                        case "response" -> members(this::response);
                        case "error" -> members(this::error);
                        case "gantry" -> members(this::gantry);
                        default -> parser.skipChildren();
                    }
                });
        if (customId == null) {
            return Optional.empty();
        }
        return Optional.of(
                new ResultLine(
                        id, customId, batchId, status, outcome, errorCode, attempts, tokens, cost,
                        queuedMs, tookMs));
    }

    private void response(String name) {
        switch (name) {
            case "status_code" -> status = Math.clamp(number(), 0, Integer.MAX_VALUE);
            case "body" -> members(this::body);
            default -> parser.skipChildren();
        }
    }

    private void body(String name) {
        if (name.equals("usage")) {
            members(this::usage);
        } else {
            parser.skipChildren();
        }
    }

    private void usage(String name) {
        switch (name) {
            case "prompt_tokens" -> tokens = tokens.plus(new Tokens(number(), 0, 0, 0));
            case "completion_tokens" -> tokens = tokens.plus(new Tokens(0, number(), 0, 0));
            case "prompt_tokens_details" -> members(this::usageDetail);
            case "completion_tokens_details" -> members(this::usageDetail);
            default -> parser.skipChildren();
        }
    }

    private void usageDetail(String name) {
        switch (name) {
            case "cached_tokens" -> tokens = tokens.plus(new Tokens(0, 0, number(), 0));
            case "reasoning_tokens" -> tokens = tokens.plus(new Tokens(0, 0, 0, number()));
            default -> parser.skipChildren();
        }
    }

    private void error(String name) {
        if (name.equals("code")) {
            errorCode = text();
        } else {
            parser.skipChildren();
        }
    }

    private void gantry(String name) {
        switch (name) {
            case "batch_id" -> batchId = text();
            case "outcome" -> outcome = textOr(outcome);
            case "cost_usd" -> cost = money();
            case "queued_ms" -> queuedMs = duration();
            case "took_ms" -> tookMs = duration();
            case "attempts" -> attempts();
            default -> parser.skipChildren();
        }
    }

    private void attempts() {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            var attempt = new AttemptReading();
            members(attempt::member);
            attempts.add(new Try(attempt.lane, attempt.verdict(), attempt.count, attempt.cost));
        }
    }

    /** Each member of the object that the parser stands on; anything else is skipped. */
    private void members(Member member) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            member.read(name);
        }
    }

    private @Nullable String text() {
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            return parser.getString();
        }
        parser.skipChildren();
        return null;
    }

    private String textOr(String other) {
        String text = text();
        return text == null ? other : text;
    }

    /** Zero for what is no whole number, or one beyond all reason. */
    private long number() {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getStringLength() <= MAX_DIGITS) {
            return parser.getLongValue();
        }
        parser.skipChildren();
        return 0;
    }

    private @Nullable Long duration() {
        return parser.currentToken() == JsonToken.VALUE_NUMBER_INT ? (Long) number() : null;
    }

    private @Nullable BigDecimal money() {
        return money(text());
    }

    static @Nullable BigDecimal money(@Nullable String text) {
        return text != null && MONEY.matcher(text).matches() ? new BigDecimal(text) : null;
    }

    @FunctionalInterface
    private interface Member {
        /** The parser stands on the member's value and must be left on its last token. */
        void read(String name);
    }

    private final class AttemptReading {
        private String lane = "unknown";
        private String status = "unknown";
        private @Nullable String errorKind;
        private long count = 1;
        private @Nullable BigDecimal cost;

        void member(String name) {
            switch (name) {
                case "lane" -> lane = textOr(lane);
                case "status" -> status = textOr(status);
                case "count" -> count = Math.max(1, number());
                case "cost_usd" -> cost = money();
                case "error" -> members(this::error);
                default -> parser.skipChildren();
            }
        }

        private void error(String name) {
            if (name.equals("kind")) {
                errorKind = text();
            } else {
                parser.skipChildren();
            }
        }

        /** The kind tells more than that it failed; the other statuses stand for themselves. */
        String verdict() {
            return status.equals("failed") && errorKind != null ? errorKind : status;
        }
    }
}
