package dev.gantry.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What lets a chain advance; each row names the rule of the system that it comes from. */
class FailoverRulesTest {
    private static final String NEVER = "cancelled policy_denied content_policy internal";

    /** Kinds without a status: what advances is the kind's own doing. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
"""
Harn matches_failover, nothing set        |            |                | false | rate_limit billing overloaded server network timeout model_missing
Harn on_error_kinds                       |            | auth           | false | auth timeout model_missing
Harn on_error_kinds, comma text of old    |            | auth,overloaded | false | auth overloaded timeout model_missing
Harn alias transient                      |            | transient      | false | server overloaded network timeout model_missing
Harn alias transient_network              |            | transient_network | false | network timeout model_missing
Harn alias network                        |            | network        | false | network timeout model_missing
Harn alias provider_error                 |            | provider_error | false | server timeout model_missing
Harn alias server_error                   |            | server_error   | false | server timeout model_missing
Harn alias provider_5xx                   |            | provider_5xx   | false | server timeout model_missing
Harn alias generic                        |            | generic        | false | unknown timeout model_missing
Harn alias not_found                      |            | not_found      | false | timeout model_missing
Harn alias schema_validation              |            | schema_validation | false | bad_request timeout model_missing
Harn insufficient_quota is rate_limit     |            | rate_limit     | false | rate_limit billing timeout model_missing
Harn tool_error and its like never match  |            | tool_error,tool_rejected,egress_blocked | false | timeout model_missing
Harn circuit_open is a skipped link       |            | circuit_open,budget_exceeded | false | timeout model_missing
Harn timeout always, by any rules         |            | none           | false | timeout model_missing
Harn labels in any case, with blanks      |            | ' AUTH , Server ' | false | auth server timeout model_missing
lesson 50: a set rule drops no other      | 404        |                | false | rate_limit billing overloaded server network timeout model_missing
decision 7.1: an empty list means none    | none       | none           | false | timeout model_missing
majordomo ErrModelNotFound advances       | none       | none           | false | timeout model_missing
majordomo permanent errors fail fast      |            |                | false | rate_limit billing overloaded server network timeout model_missing
majordomo AdvanceOnPermanent              |            |                | true  | billing context_overflow model_missing auth rate_limit bad_request timeout overloaded server network unknown
majordomo AdvanceOnPermanent, kinds none  | none       | none           | true  | billing context_overflow model_missing auth bad_request timeout unknown
content, cancelled, internal: by no rule  | none       | cancelled,content_policy,policy_denied,internal | true | billing context_overflow model_missing auth bad_request timeout unknown
""")
    void kindsAdvance(
            String rule,
            @Nullable String statuses,
            @Nullable String kinds,
            boolean permanent,
            String advancing) {
        FailoverRules rules =
                FailoverRules.merged(numbers(statuses), words(kinds), null, null, permanent, null);

        Set<String> advance =
                Arrays.stream(ErrorKind.values())
                        .filter(each -> rules.advances(each, null))
                        .map(ErrorKind::label)
                        .collect(Collectors.toCollection(TreeSet::new));

        assertThat(advance).as(rule).isEqualTo(new TreeSet<>(List.of(advancing.split(" "))));
    }

    /** Statuses of a failure whose kind no rule lists. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
"""
Harn DEFAULT_FAILOVER_STATUSES, and 529  |         | none | 408 429 500 502 503 504 529
Harn on_status                           | 404,418 | none | 404 418
Harn on_status, on_error_kinds left      | 404     |      | 404
decision 7.1: an empty list means none   | none    |      | -
decision 7.1: kinds leave the statuses   |         | auth | 408 429 500 502 503 504 529
""")
    void statusesAdvance(
            String rule, @Nullable String statuses, @Nullable String kinds, String advancing) {
        FailoverRules rules =
                FailoverRules.merged(numbers(statuses), words(kinds), null, null, null, null);

        Set<String> advance = new TreeSet<>();
        for (int status = 100; status <= 599; status++) {
            if (rules.advances(ErrorKind.BAD_REQUEST, status)) {
                advance.add(String.valueOf(status));
            }
        }

        assertThat(advance)
                .as(rule)
                .isEqualTo(
                        advancing.equals("-")
                                ? Set.of()
                                : new TreeSet<>(List.of(advancing.split(" "))));
    }

    @ParameterizedTest
    @EnumSource(ErrorKind.class)
    void someKindsNeverAdvanceWhateverTheirStatus(ErrorKind kind) {
        List<Integer> all = List.of(200, 400, 403, 499, 500);
        FailoverRules rules =
                FailoverRules.merged(all, List.of(kind.label()), null, null, true, null);

        assertThat(all)
                .allMatch(each -> rules.advances(kind, each) != NEVER.contains(kind.label()));
    }

    @Test
    void whatFailedInPassingIsRepeatedInPlaceAndNothingElse() {
        assertThat(Arrays.stream(ErrorKind.values()).filter(FailoverRules.DEFAULT::repeats))
                .containsExactlyInAnyOrderElementsOf(
                        EnumSet.of(
                                ErrorKind.SERVER,
                                ErrorKind.OVERLOADED,
                                ErrorKind.NETWORK,
                                ErrorKind.TIMEOUT,
                                ErrorKind.UNKNOWN));
        assertThat(FailoverRules.DEFAULT.retries()).isEqualTo(1);
    }

    @Test
    void everyKindHasItsOwnLabelAndUnknownLabelsHaveNone() {
        for (ErrorKind kind : ErrorKind.values()) {
            assertThat(FailoverRules.kinds(kind.label().toUpperCase(Locale.ROOT))).contains(kind);
        }
        assertThat(FailoverRules.kinds("rate-limit")).isNull();
        assertThat(FailoverRules.labels()).contains("auth, bad_request, billing, budget_exceeded");
    }

    private static @Nullable List<Integer> numbers(@Nullable String list) {
        List<String> words = words(list);
        return words == null ? null : words.stream().map(Integer::valueOf).toList();
    }

    /** Null: the rule is not written; "none": an empty list is. */
    private static @Nullable List<String> words(@Nullable String list) {
        if (list == null) {
            return null;
        }
        return list.equals("none") ? List.of() : List.of(list.split(","));
    }
}
