package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.budget.Ledgers;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Caps.OnExceed;
import dev.gantry.inference.Caps.Scope;
import dev.gantry.inference.RequestOptions.Sensitivity;
import dev.gantry.inference.Tier;
import dev.gantry.routing.Lane;
import dev.gantry.testbed.OwnSchema;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Whole requests over random lanes, policies, faults and budgets, in simulated time. What must hold
 * of each is written down a second time here, in the plainest way.
 */
class RandomEscalationTest {
    private static final int SCHEDULES = 2_000;

    private static final int RACES = 600;

    /** A ledger that is shared is a database's; the caps of a single call need none. */
    private static final int WITH_SESSIONS = 200;

    @Test
    void lesson51KeepsEveryBoundWhateverPolicyFaultsAndBudgetComeTogether() throws Exception {
        long seed = new Random().nextLong();
        Map<Fault, Integer> met = new EnumMap<>(Fault.class);
        for (int round = 0; round < SCHEDULES; round++) {
            RandomSchedule schedule = new RandomSchedule(new Random(seed + round), false);
            schedule.runAndCheck("seed %d".formatted(seed + round));
            schedule.served().forEach(each -> met.merge(each.fault(), 1, Integer::sum));
        }
        assertThat(met).as("seed %d: every fault was met", seed).hasSize(Fault.values().length);
    }

    /** What a second call joins; both pass the same filters, bounds and caps. */
    @Test
    void lesson48KeepsEveryBoundOfRacesToo() throws Exception {
        long seed = new Random().nextLong();
        int raced = 0;
        for (int round = 0; round < RACES; round++) {
            RandomSchedule schedule = new RandomSchedule(new Random(seed + round), true);
            schedule.runAndCheck("seed %d".formatted(seed + round));
            raced += schedule.raced() ? 1 : 0;
        }
        assertThat(raced).as("races, seed %d", seed).isGreaterThan(RACES / 10);
    }

    @Test
    void lesson49OverrunsNoSessionWhateverFails() throws Exception {
        long seed = new Random().nextLong();
        try (var database = new OwnSchema(4)) {
            database.migrate();
            try (var ledger =
                    Ledgers.silentAfter(Duration.ofMinutes(1), database.pool(), database.name())) {
                for (int round = 0; round < WITH_SESSIONS; round++) {
                    var random = new Random(seed + round);
                    new RandomSchedule(random, ledger, "session-" + round, round % 3 == 0)
                            .runAndCheck("seed %d".formatted(seed + round));
                }
            }
        }
    }

    /** The local lane fails in this one way, for as long as the request lives. */
    @ParameterizedTest
    @EnumSource(Fault.class)
    void lesson33AForcedLocalRequestNeverLeavesItsTier(Fault fault) throws Exception {
        Lane local = lane("local:l:x:inference:m").weight(1).build();
        Lane cloud = lane("cloud:c:x:inference:m").weight(900).build();
        Lane direct = lane("direct:d:x:inference:m").weight(800).build();
        var loop = new LoopFixture();
        loop.provider.always(local, fault.reply());
        loop.hurried = true;

        loop.run(
                request()
                        .tier(Tier.CLOUD)
                        .members("temperature")
                        .fallbacks("m")
                        .sensitivity(new Sensitivity(null, false, true))
                        .deadline(loop.clock.instant().plusSeconds(60)),
                settings(),
                local,
                cloud,
                direct);

        assertThat(loop.provider.lanes()).isNotEmpty().containsOnly(local.id());
    }

    @Test
    void capsAreOfEveryKind() {
        Random random = new Random(1);
        List<Caps> all =
                random.ints(200)
                        .mapToObj(each -> RandomSchedule.caps(new Random(each), true))
                        .toList();

        assertThat(all.stream().flatMap(each -> each.all().stream()))
                .anyMatch(each -> each.scope() == Scope.CALL)
                .anyMatch(each -> each.scope() == Scope.SESSION)
                .anyMatch(each -> each.limit().signum() == 0)
                .anyMatch(each -> each.onExceed() == OnExceed.WARN);
    }
}
