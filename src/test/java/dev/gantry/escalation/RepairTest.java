package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.classification.Objection.Extent;
import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Adaptation.Because;
import dev.gantry.inference.Adaptation.Listed;
import dev.gantry.inference.Adaptation.OutputLimit;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Capability;
import dev.gantry.inference.Change;
import dev.gantry.inference.Change.Clamped;
import dev.gantry.inference.Change.Dropped;
import dev.gantry.inference.Change.Renamed;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.inference.Outcome.Refused;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.inference.RequestBody;
import dev.gantry.operation.Operations;
import dev.gantry.provider.Calls;
import dev.gantry.provider.ProviderReply;
import dev.gantry.repair.Adaptations;
import dev.gantry.repair.LearntRepairs;
import dev.gantry.repair.Repair;
import dev.gantry.repair.Repair.Mend;
import dev.gantry.routing.Lane;
import dev.gantry.routing.RequestBuilder;
import dev.gantry.testbed.TickingClock;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

class RepairTest {
    private static final Lane A = lane("frontier:a:x:inference:m").weight(300).build();
    private static final Lane B = lane("frontier:b:x:inference:m").weight(200).build();
    private static final Lane A2 = lane("frontier:a:y:inference:m").weight(250).build();

    private static final ProviderReply TOO_LARGE =
            Replies.error(400, "max_tokens: 100000 > 64000, which is the maximum allowed");
    private static final ProviderReply TOO_LARGE_AT_429 =
            Replies.error(429, "max_tokens=100000 exceeds the tier's ceiling (64000)");
    private static final ProviderReply OTHER_NAME =
            Replies.error(
                    400,
                    "Unsupported parameter: 'max_tokens' is not supported with this model. Use"
                            + " 'max_completion_tokens' instead.");
    private static final ProviderReply NO_TOOLS =
            Replies.error(400, "Unsupported parameter: 'tools'");

    private static final RequestBody EMPTY = Calls.body("{}");
    private static final Instant NOW = TickingClock.START;

    private final LoopFixture loop = new LoopFixture();

    @Test
    void leavesOutWhatTheLaneRefusesAndAsksItAgainAtOnce() throws InterruptedException {
        loop.provider.on(A, refuses("temperature"), Replies.OK);

        Conclusion conclusion = loop.run(sampled(), settings().maxAttempts(1), A, B);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(LoopFixture.kinds(conclusion))
                .containsExactly(AttemptKind.PRIMARY, AttemptKind.RETRY);
        assertThat(loop.provider.lanes()).containsExactly(A.id(), A.id());
        assertThat(dropped()).containsExactly(List.of(), List.of("temperature"));
        assertThat(listed(1)).containsExactly(refused(new Dropped("temperature")));
        assertThat(loop.dispatched.get(1).reason()).startsWith("repair after bad_request");
    }

    @Test
    void leavesItOutAtOnceOfTheNextRequestForAnHour() throws InterruptedException {
        loop.provider.on(A, refuses("temperature"), Replies.OK, Replies.OK, Replies.OK);
        loop.run(sampled(), settings(), A, B);
        loop.dispatched.clear();

        loop.run(sampled(), settings(), A, B);
        loop.clock.advance(Duration.ofMinutes(61));
        loop.run(sampled(), settings(), A, B);

        assertThat(dropped()).containsExactly(List.of("temperature"), List.of());
        assertThat(listed(0))
                .containsExactly(new Listed(new Dropped("temperature"), Because.LEARNT));
        assertThat(listed(1)).isEmpty();
    }

    @Test
    void forgetsWhatItHasLearntOfALaneThatChanges() throws InterruptedException {
        Lane other = lane("frontier:a:x:inference:m").weight(300).maxOutput(9).build();
        loop.provider.on(A, refuses("temperature"), Replies.OK, Replies.OK);
        loop.run(sampled(), settings(), A);
        loop.dispatched.clear();

        loop.run(sampled(), settings(), other);

        assertThat(dropped()).containsExactly(List.of());
    }

    @Test
    void learnsNothingThatHasNotHelped() throws InterruptedException {
        loop.provider.on(A, refuses("temperature"), Replies.BAD_REQUEST, Replies.OK);
        loop.run(sampled(), settings(), A);
        loop.dispatched.clear();

        loop.run(sampled(), settings(), A);

        assertThat(dropped()).containsExactly(List.of());
    }

    @Test
    void learnsNoMoreThanTheOneRequestNeeded() throws InterruptedException {
        loop.provider.on(
                A,
                Replies.error(400, "`temperature` may only be set to 1 when thinking is enabled."),
                Replies.OK,
                Replies.OK);
        loop.run(sampled(), settings(), A);
        loop.dispatched.clear();

        loop.run(sampled(), settings(), A);

        assertThat(dropped()).containsExactly(List.of());
    }

    @Test
    void repairsOnceForEachMemberAndThreeTimesAtMost() throws InterruptedException {
        loop.provider.on(
                A, refuses("temperature"), refuses("top_p"), refuses("seed"), refuses("top_k"));

        Conclusion conclusion = loop.run(sampled(), settings(), A, B);

        assertThat(conclusion.outcome()).isEqualTo(new Refused(conclusion.attempts().getLast()));
        assertThat(conclusion.attempts()).hasSize(4);
        assertThat(dropped().getLast()).containsExactly("temperature", "top_p", "seed");
    }

    @Test
    void givesUpOnALaneThatRefusesWhatItWasNotSent() throws InterruptedException {
        loop.provider.on(A, refuses("temperature"), refuses("temperature"));

        Conclusion conclusion = loop.run(sampled(), settings(), A, B);

        assertThat(conclusion.outcome()).isEqualTo(new Refused(conclusion.attempts().getLast()));
        assertThat(conclusion.attempts()).hasSize(2);
    }

    @Test
    void lowersAnOutputLimitToTheCeilingThatIsNamed() throws InterruptedException {
        loop.provider.on(A, TOO_LARGE, Replies.OK, Replies.OK);

        loop.run(request().output(100_000), settings(), A);
        loop.run(request().output(70_000), settings(), A);

        assertThat(limits())
                .containsExactly(
                        new OutputLimit("max_tokens", 100_000),
                        new OutputLimit("max_tokens", 64_000),
                        new OutputLimit("max_tokens", 64_000));
        assertThat(loop.dispatched)
                .extracting(Attempt.Dispatch::projectedOutput)
                .containsExactly(100_000L, 64_000L, 64_000L);
        assertThat(listed(1)).containsExactly(refused(new Clamped("max_tokens", 64_000)));
    }

    @Test
    void leavesASmallerLimitAsItIs() throws InterruptedException {
        loop.provider.on(A, TOO_LARGE, Replies.OK, Replies.OK);
        loop.run(request().output(100_000), settings(), A);
        loop.dispatched.clear();

        loop.run(request().output(100), settings(), A);

        assertThat(limits()).containsExactly(new OutputLimit("max_tokens", 100));
        assertThat(listed(0)).isEmpty();
    }

    @Test
    void lesson45RepairsALimitThatIsRefusedAsIfItWereAQuota() throws InterruptedException {
        loop.provider.on(A, TOO_LARGE_AT_429, Replies.OK);

        Conclusion conclusion = loop.run(request().output(100_000), settings(), A, B);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(loop.provider.lanes()).containsExactly(A.id(), A.id());
        assertThat(loop.circuits.availability(A.id()))
                .isInstanceOf(LaneAvailability.Admitted.class);
    }

    @Test
    void losesALimitOnceWhereNoCeilingIsNamed() throws InterruptedException {
        loop.provider.on(
                A,
                Replies.error(400, "max_tokens exceeds the maximum of the model"),
                Replies.error(400, "max_tokens exceeds the maximum of the model"));

        Conclusion conclusion =
                loop.run(
                        request().output(100_000).members("model", "max_tokens"), settings(), A, B);

        assertThat(limits()).containsExactly(new OutputLimit("max_tokens", 100_000), null);
        assertThat(dropped().getLast()).containsExactly("max_tokens");
        assertThat(loop.dispatched.getLast().projectedOutput()).isEqualTo(100_000);
        assertThat(conclusion.outcome()).isInstanceOf(Refused.class);
    }

    @Test
    void renamesALimitAndThenLowersIt() throws InterruptedException {
        loop.provider.on(
                A,
                OTHER_NAME,
                Replies.error(
                        400,
                        "max_completion_tokens is too large: 100000. This model supports at most"
                                + " 64000 completion tokens"),
                Replies.OK,
                Replies.OK);

        loop.run(request().output(100_000), settings(), A);
        loop.run(request().output(100_000), settings(), A);

        assertThat(limits().subList(1, 4))
                .containsExactly(
                        new OutputLimit("max_completion_tokens", 100_000),
                        new OutputLimit("max_completion_tokens", 64_000),
                        new OutputLimit("max_completion_tokens", 64_000));
        assertThat(listed(3))
                .containsExactlyInAnyOrder(
                        new Listed(
                                new Renamed("max_tokens", "max_completion_tokens"), Because.LEARNT),
                        new Listed(new Clamped("max_completion_tokens", 64_000), Because.LEARNT));
    }

    @Test
    void lesson46KeepsForTheNextLaneWhatOneLaneRefused() throws InterruptedException {
        loop.provider.on(A, refuses("temperature"), Replies.BROKEN).on(B, Replies.OK);

        loop.run(sampled(), settings(), A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), A.id(), B.id());
        assertThat(dropped().getLast()).isEmpty();
    }

    @Test
    void asksTheOneLaneOnceWhereEscalationIsOff() throws InterruptedException {
        loop.provider.on(A, refuses("temperature"));

        Conclusion conclusion = loop.run(sampled().escalate(false), settings(), A, B);

        assertThat(conclusion.outcome()).isEqualTo(new Refused(conclusion.attempts().getFirst()));
        assertThat(loop.provider.lanes()).containsExactly(A.id());
    }

    @Test
    void asksAnotherProviderOnceWhereASchemaLacksWhatIsNeeded() throws InterruptedException {
        loop.provider.on(A, NO_TOOLS).on(B, Replies.OK);

        Conclusion conclusion = loop.run(request(), settings(), A, A2, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), B.id());
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    @Test
    void endsWithTheAnswerOfTheOtherProviderThatRefusesItToo() throws InterruptedException {
        Lane third = lane("frontier:c:x:inference:m").weight(1).build();
        loop.provider.on(A, NO_TOOLS).on(B, NO_TOOLS);

        Conclusion conclusion = loop.run(request(), settings(), A, B, third);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), B.id());
        assertThat(conclusion.outcome()).isEqualTo(new Refused(conclusion.attempts().getLast()));
    }

    @Test
    void endsWithTheAnswerWhereNoOtherProviderIsOpen() throws InterruptedException {
        loop.provider.on(A, NO_TOOLS);

        Conclusion conclusion = loop.run(request(), settings(), A, A2);

        assertThat(conclusion.outcome()).isEqualTo(new Refused(conclusion.attempts().getFirst()));
        assertThat(conclusion.attempts().getFirst().answer())
                .satisfies(each -> assertThat(each.body().text()).contains("tools"));
    }

    @Test
    void neverGoesBackToTheProviderWhoseSchemaItIs() throws InterruptedException {
        loop.provider.on(A, NO_TOOLS).always(B, Replies.BROKEN);

        Conclusion conclusion = loop.run(request(), settings().maxAttempts(3), A, A2, B);

        assertThat(loop.provider.lanes()).doesNotContain(A2.id()).startsWith(A.id(), B.id());
        assertThat(conclusion.outcome())
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed ->
                                assertThat(failed.code())
                                        .isEqualTo(FailureCode.ESCALATION_EXHAUSTED));
    }

    @Test
    void neverAppliesToOneRequestWhatOnlyAnotherCouldLose() {
        LearntRepairs learnt = new LearntRepairs();
        Instant now = TickingClock.START;
        learnt.succeeded(A, mended(new Dropped("store"), new Dropped("tools")), EMPTY, now);

        Repair harmless = learnt.of(A, Calls.body("{\"store\":false,\"tools\":null}"), now);
        Repair asked = learnt.of(A, Calls.body("{\"store\":true,\"tools\":[{}]}"), now);

        assertThat(harmless.changes()).containsExactly(new Dropped("store"), new Dropped("tools"));
        assertThat(asked).isEqualTo(Repair.NONE);
    }

    @Test
    void keepsTheLastOfTwoCeilings() {
        LearntRepairs learnt = new LearntRepairs();
        Instant now = TickingClock.START;
        RequestBody body = request().output(100_000).build().body();

        learnt.succeeded(A, mended(new Clamped("max_tokens", 64_000)), EMPTY, now);
        learnt.succeeded(A, mended(new Clamped("max_tokens", 32_000)), EMPTY, now.plusSeconds(60));

        assertThat(learnt.of(A, body, now.plusSeconds(61)).changes())
                .containsExactly(new Clamped("max_tokens", 32_000));
        assertThat(learnt.of(A, body, now.plusSeconds(3661))).isEqualTo(Repair.NONE);
    }

    /** {@code body | field of the lane | what was refused | field and members left out}. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "{~max_tokens~:800,~max_completion_tokens~:null} | max_tokens | max_tokens"
                        + " | max_completion_tokens []",
                "{~max_tokens~:null,~max_completion_tokens~:800} | max_completion_tokens"
                        + " | max_completion_tokens | max_tokens []",
                "{~max_tokens~:-1,~max_completion_tokens~:800} | max_tokens | | max_tokens []",
                "{~max_tokens~:800,~max_completion_tokens~:-1} | max_tokens | | max_tokens"
                        + " [max_completion_tokens]",
                "{~max_tokens~:800,~max_completion_tokens~:null} | max_tokens | | max_tokens"
                        + " [max_completion_tokens]"
            })
    void neverLeavesOutTheMemberThatTheLimitGoesOutIn(
            String json, String field, @Nullable String refused, String expected) {
        Lane lane = lane("frontier:a:x:inference:m").maxTokensField(field).build();
        String other = field.equals("max_tokens") ? "max_completion_tokens" : "max_tokens";
        Repair repair = refused == null ? Repair.NONE : mended(new Renamed(refused, other));

        Adaptation sent = adapted(limited(json.replace('~', '"'), 800L), lane, repair);

        assertThat(sent.outputLimit()).isNotNull();
        assertThat(sent.outputLimit().tokens()).isEqualTo(800);
        assertThat(sent.outputLimit().field() + " " + sent.dropped()).isEqualTo(expected);
    }

    @Test
    void leavesOutANullLimitThatIsRefusedByItsName() {
        RequestBody unlimited = limited("{\"max_tokens\":null}", null);
        RequestBody limited = limited("{\"max_tokens\":800}", 800L);
        LearntRepairs learnt = new LearntRepairs();

        learnt.succeeded(A, mended(new Dropped("max_tokens")), unlimited, NOW);

        assertThat(adapted(unlimited, A, learnt.of(A, unlimited, NOW)).dropped())
                .containsExactly("max_tokens");
        assertThat(learnt.of(A, limited, NOW)).isEqualTo(Repair.NONE);
    }

    @Test
    void repairsANullLimit() throws InterruptedException {
        loop.provider.on(A, Replies.error(400, "Unsupported parameter: 'max_tokens'"), Replies.OK);

        Conclusion conclusion =
                loop.run(request().members("model", "max_tokens"), settings(), A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), A.id());
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(dropped().getLast()).containsExactly("max_tokens");
    }

    @Test
    void doesNotRepairHalfOfWhatIsRefused() throws InterruptedException {
        loop.provider.on(
                A,
                Replies.error(
                        400,
                        "Unrecognized request arguments supplied: temperature, top_p, seed, top_k"));

        Conclusion conclusion = loop.run(sampled(), settings(), A, B);

        assertThat(conclusion.outcome()).isEqualTo(new Refused(conclusion.attempts().getFirst()));
        assertThat(conclusion.attempts()).hasSize(1);
    }

    @Test
    void namesThatMeanNothingKeepNoLessonOut() {
        LearntRepairs learnt = new LearntRepairs();
        for (int each = 0; each < 16; each++) {
            learnt.succeeded(A, mended(new Dropped("x" + each)), EMPTY, NOW.plusSeconds(each));
        }

        learnt.succeeded(A, mended(new Dropped("temperature")), EMPTY, NOW.plusSeconds(20));

        assertThat(learnt.of(A, Calls.body("{\"temperature\":1}"), NOW.plusSeconds(21)).changes())
                .containsExactly(new Dropped("temperature"));
        assertThat(
                        learnt.of(A, Calls.body("{\"x0\":null,\"x1\":null}"), NOW.plusSeconds(21))
                                .changes())
                .containsExactly(new Dropped("x1"));
    }

    @Test
    void keepsSamplingForRequestsThatDoNotReason() {
        RequestBody reasons = Calls.body("{\"temperature\":1,\"reasoning_effort\":\"high\"}");
        LearntRepairs learnt = new LearntRepairs();

        learnt.succeeded(A, mended(new Dropped("temperature")), reasons, NOW);

        assertThat(learnt.of(A, reasons, NOW).changes())
                .containsExactly(new Dropped("temperature"));
        assertThat(learnt.of(A, Calls.body("{\"temperature\":1}"), NOW)).isEqualTo(Repair.NONE);
    }

    /** Several servers behind one address need not know the same names. */
    @Test
    void takesBackANameThatAnotherServerBehindTheLaneHasTaught() throws InterruptedException {
        loop.provider.on(
                A,
                Replies.error(400, "Unknown parameter: 'seed'. Did you mean 'random_seed'?"),
                Replies.OK,
                Replies.error(400, "Unknown parameter: 'random_seed'."),
                Replies.OK,
                Replies.OK);
        loop.run(sampled(), settings(), A, B);
        loop.dispatched.clear();

        loop.run(sampled(), settings(), A, B);
        loop.run(sampled(), settings(), A, B);

        assertThat(loop.dispatched)
                .extracting(each -> each.adaptation().renamed().get("seed"))
                .containsExactly("random_seed", null, null);
        assertThat(listed(1)).isEmpty();
    }

    @Test
    void listsWhatTheCatalogueChangesToo() throws InterruptedException {
        Lane picky =
                lane("frontier:a:x:inference:m").unsupported("temperature").maxOutput(500).build();
        loop.provider.on(picky, Replies.OK);

        loop.run(sampled().output(900), settings(), picky);

        assertThat(listed(0))
                .containsExactly(
                        new Listed(new Dropped("temperature"), Because.CONFIGURED),
                        new Listed(new Clamped("max_tokens", 500), Because.CONFIGURED));
    }

    @Test
    void aLimitOfCompletionsKeepsItsNameWhateverTheLanesChatsWant() {
        Lane lane =
                lane("frontier:a:x:inference:m")
                        .maxTokensField("max_completion_tokens")
                        .maxOutput(100)
                        .build();
        var prose =
                request()
                        .operation(Operations.COMPLETIONS)
                        .members("prompt", "max_tokens")
                        .output(200)
                        .build();
        LearntRepairs learnt = new LearntRepairs();
        Instant now = Instant.EPOCH;
        learnt.succeeded(lane, mended(new Renamed("max_tokens", "max_output_tokens")), EMPTY, now);

        var adapted = Adaptations.of(prose, lane, learnt.of(lane, prose.body(), now));

        assertThat(adapted.outputLimit()).isEqualTo(new OutputLimit("max_tokens", 100));
        assertThat(adapted.listed())
                .containsExactly(new Listed(new Clamped("max_tokens", 100), Because.CONFIGURED));
    }

    private static RequestBody limited(String json, @Nullable Long tokens) {
        RequestBody body = Calls.body(json);
        return new RequestBody(
                body.bytes(),
                body.start(),
                body.end(),
                body.members(),
                new RequestBody.Facts("m", Set.of(), 10, false, tokens, 1, null));
    }

    @Test
    void listsWhatTheLanesDialectChanges() throws InterruptedException {
        Lane gemini = lane("frontier:a:x:inference:m").dialect(Dialect.GEMINI).build();
        Lane claude =
                lane("frontier:a:x:inference:m")
                        .dialect(Dialect.ANTHROPIC)
                        .unsupported("metadata")
                        .maxOutput(500)
                        .build();
        loop.provider.on(gemini, Replies.OK);
        RequestBuilder noted = request().members("model", "user", "metadata");

        loop.run(noted, settings(), gemini);
        var adapted = Adaptations.of(noted.build(), claude, Repair.NONE);

        assertThat(listed(0))
                .containsExactly(
                        new Listed(new Dropped("user"), Because.DIALECT),
                        new Listed(new Dropped("metadata"), Because.DIALECT));
        assertThat(adapted.listed())
                .containsExactly(new Listed(new Dropped("metadata"), Because.CONFIGURED));
        assertThat(adapted.outputLimit()).isEqualTo(new OutputLimit("max_tokens", 500));
    }

    @Test
    void aResponsesRequestIsAdaptedAsTheLaneAnswersIt() {
        var request =
                request()
                        .operation(Operations.RESPONSES)
                        .members("input", "reasoning", "user", "metadata", "max_output_tokens")
                        .output(900)
                        .build();
        var draft =
                lane("frontier:a:x:inference:m")
                        .capabilities()
                        .maxTokensField("max_completion_tokens")
                        .maxOutput(500);

        var chats =
                Adaptations.of(request, draft.unsupported("reasoning_effort").build(), Repair.NONE);
        var gemini = Adaptations.of(request, draft.dialect(Dialect.GEMINI).build(), Repair.NONE);
        var knows =
                Adaptations.of(
                        request,
                        draft.dialect(Dialect.OPENAI).capabilities(Capability.RESPONSES).build(),
                        Repair.NONE);

        assertThat(chats.instead()).isEqualTo(Operations.CHAT);
        assertThat(chats.dropped()).containsExactly("reasoning");
        assertThat(chats.outputLimit()).isEqualTo(new OutputLimit("max_completion_tokens", 500));
        assertThat(gemini.listed())
                .extracting(Listed::change)
                .contains(new Dropped("user"))
                .doesNotContain(new Dropped("metadata"));
        assertThat(knows.instead()).isNull();
        assertThat(knows.dropped()).isEmpty();
        assertThat(knows.outputLimit()).isEqualTo(new OutputLimit("max_output_tokens", 500));
        assertThat(knows.listed())
                .extracting(Listed::change)
                .containsExactly(new Clamped("max_output_tokens", 500));
    }

    private static Adaptation adapted(RequestBody body, Lane lane, Repair repair) {
        return Adaptations.of(request().build().as(Operations.CHAT, body), lane, repair);
    }

    private static Repair mended(Change... changes) {
        return new Repair(
                List.of(changes).stream()
                        .map(each -> new Mend(each, Because.REFUSED, Extent.ALL))
                        .toList());
    }

    private static RequestBuilder sampled() {
        return request().members("model", "temperature", "top_p", "seed", "top_k");
    }

    private static ProviderReply refuses(String member) {
        return Replies.error(400, "Unsupported parameter: '%s'".formatted(member));
    }

    private static Listed refused(Change change) {
        return new Listed(change, Because.REFUSED);
    }

    private List<Listed> listed(int call) {
        return loop.dispatched.get(call).adaptation().listed();
    }

    private List<List<String>> dropped() {
        return loop.dispatched.stream().map(each -> each.adaptation().dropped()).toList();
    }

    private List<OutputLimit> limits() {
        return loop.dispatched.stream().map(each -> each.adaptation().outputLimit()).toList();
    }
}
