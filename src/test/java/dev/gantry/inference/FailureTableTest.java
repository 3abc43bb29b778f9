package dev.gantry.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.FailureRule.Billed;
import dev.gantry.inference.FailureRule.Cools;
import dev.gantry.inference.FailureRule.Room;
import dev.gantry.inference.FailureRule.Weight;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Arrays;
import java.util.Locale;

/** The code's table beside the one of the routing rules, section 3. */
class FailureTableTest {
    @Test
    void theKindsStandInTheOrderInWhichTiesAreSettled() {
        String rules =
                "cancelled > policy_denied > content_policy > context_overflow > billing"
                        + " > model_missing > auth > rate_limit > bad_request > timeout"
                        + " > overloaded > server > network > internal > unknown";

        assertThat(Arrays.stream(ErrorKind.values()).map(ErrorKind::label))
                .containsExactly(rules.split(" > "));
    }

    /** Columns "next" and "what it does to health" of section 3; "uses" of section 2. */
    @ParameterizedTest(name = "{0}: {1}, uses {2}, cools {3}, {4}")
    @CsvSource(
            delimiter = '|',
            value = {
                "cancelled        | stop, given up          | attempt | nothing            | never",
                "policy_denied    | stop                    | attempt | nothing            | never",
                "content_policy   | stop                    | attempt | nothing            | never",
                "context_overflow | larger window           | attempt | nothing            | never",
                "billing          | next lane               | refusal | account            | at once",
                "model_missing    | next lane, not again    | refusal | lane for long      | at once",
                "auth             | next lane               | refusal | instance           | at once",
                "rate_limit       | next lane               | free    | quota scope        | as stated",
                "bad_request      | stop                    | attempt | nothing            | never",
                "timeout          | next lane               | attempt | lane               | counted",
                "overloaded       | next lane               | free    | lane               | counted",
                "server           | next lane               | attempt | lane               | counted",
                "network          | next lane               | attempt | lane               | counted",
                "internal         | stop, internal_error    | attempt | nothing            | never",
                "unknown          | next lane, not again    | attempt | lane               | counted",
            })
    void saysWhatTheRulesSay(String kind, String next, String uses, String cools, String weight) {
        FailureRule rule = ErrorKind.valueOf(kind.toUpperCase(Locale.ROOT)).rule();

        assertThat(next(rule.next())).isEqualTo(next);
        assertThat(uses(rule.use())).isEqualTo(uses);
        assertThat(cools(rule.cools())).isEqualTo(cools);
        assertThat(weight(rule.weight())).isEqualTo(weight);
    }

    /** What the meter says of an attempt of which bytes were sent (the events' table). */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cancelled        | CANCELLED      | IN_DOUBT  | SILENT",
                "policy_denied    | REFUSED        | BY_STATUS | SILENT",
                "content_policy   | REFUSED        | BY_STATUS | SERVED",
                "context_overflow | INVALID        | BY_STATUS | SERVED",
                "billing          | INVALID        | BY_STATUS | SILENT",
                "model_missing    | INVALID        | BY_STATUS | SILENT",
                "auth             | INVALID        | BY_STATUS | SILENT",
                "rate_limit       | THROTTLED      | BY_STATUS | LIMITED",
                "bad_request      | INVALID        | BY_STATUS | SERVED",
                "timeout          | TIMEOUT        | IN_DOUBT  | SILENT",
                "overloaded       | THROTTLED      | BY_STATUS | STRAINED",
                "server           | PROVIDER_ERROR | BY_STATUS | SILENT",
                "network          | PROVIDER_ERROR | IN_DOUBT  | SILENT",
                "internal         | CANCELLED      | IN_DOUBT  | SILENT",
                "unknown          | PROVIDER_ERROR | BY_STATUS | SILENT",
            })
    void metersAndPacesAsBefore(String kind, MeterOutcome metered, Billed billed, Room room) {
        FailureRule rule = ErrorKind.valueOf(kind.toUpperCase(Locale.ROOT)).rule();

        assertThat(rule.metered()).isEqualTo(metered);
        assertThat(rule.billed()).isEqualTo(billed);
        assertThat(rule.room()).isEqualTo(room);
    }

    /** A request can be the cause: never of what a busy lane says to whoever comes (fleet, 3.5). */
    @Test
    void aRequestIsToBlameForRefusalsSoonerThanForFailures() {
        for (ErrorKind kind : ErrorKind.values()) {
            FailureRule rule = kind.rule();
            int expected =
                    switch (rule.weight()) {
                        case NEVER, AS_STATED -> 0;
                        case AT_ONCE -> 2;
                        case COUNTED -> rule.use() == AttemptUse.FREE ? 0 : 3;
                    };
            assertThat(rule.alike()).as(kind.label()).isEqualTo(expected);
        }
    }

    private static String next(FailoverAction next) {
        return switch (next) {
            case STOP -> "stop";
            case ABANDON -> "stop, given up";
            case FAIL -> "stop, internal_error";
            case LARGER_WINDOW -> "larger window";
            case NEXT_LANE -> "next lane";
            case OTHER_LANE -> "next lane, not again";
            case RETURN, TOO_LARGE, BROKEN_OFF, SAME_LANE, REPAIR, OTHER_PROVIDER ->
                    "not of a kind alone: " + next;
        };
    }

    private static String uses(AttemptUse use) {
        return switch (use) {
            case ATTEMPT -> "attempt";
            case REFUSAL -> "refusal";
            case FREE -> "free";
        };
    }

    private static String cools(Cools cools) {
        return switch (cools) {
            case NOTHING -> "nothing";
            case LANE -> "lane";
            case MODEL -> "lane for long";
            case QUOTA -> "quota scope";
            case ENDPOINT -> "instance";
            case ACCOUNT -> "account";
        };
    }

    private static String weight(Weight weight) {
        return switch (weight) {
            case NEVER -> "never";
            case COUNTED -> "counted";
            case AS_STATED -> "as stated";
            case AT_ONCE -> "at once";
        };
    }
}
