package dev.gantry.simulator;

import dev.gantry.simulator.http.ServerConnection;
import dev.gantry.simulator.quota.Grant;
import dev.gantry.simulator.quota.Quota;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Chance;
import dev.gantry.simulator.script.ConnectionEnd;
import dev.gantry.simulator.script.Fault;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Outage;
import dev.gantry.simulator.script.ProviderStyle;
import dev.gantry.simulator.script.RateLimit;
import dev.gantry.simulator.script.Refusal;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * One behaviour at work: decides call by call. Each call's random numbers depend on the seed, the
 * rule and the call's number alone, so calls under other rules never change the decisions.
 */
final class ScriptedRule {
    private final Behaviour behaviour;
    private final List<Outage> outages;
    private final Instant start;
    private final long seed;
    private final AtomicLong calls = new AtomicLong();

    /** How often each fault may strike yet; in the order of the faults. */
    private final List<AtomicInteger> left;

    private final @Nullable Quota quota;

    /**
     * @param name tells this rule's random numbers from another's
     * @param outages of the whole script
     */
    ScriptedRule(String name, Behaviour behaviour, List<Outage> outages, Instant start, long seed) {
        this.behaviour = behaviour;
        this.outages = outages;
        this.start = start;
        this.seed = mixed(seed ^ mixed(name.hashCode()));
        this.left = behaviour.faults().stream().map(it -> new AtomicInteger(it.times())).toList();
        RateLimit limit = behaviour.rateLimit();
        this.quota = limit == null ? null : new Quota(limit, start);
    }

    CallPlan next(Question question, Instant now, ServerConnection.Age age) {
        long number = calls.incrementAndGet();
        SplittableRandom random = new SplittableRandom(mixed(seed + number));
        long mark = random.nextLong();
        Duration wait = behaviour.latency().draw(random);
        Fault outage = outage(now);
        if (outage != null) {
            return new CallPlan(number, Duration.ZERO, outage, null, behaviour.answer(), mark);
        }
        long reserved = question.reserved(behaviour.answer());
        Grant grant = quota == null ? null : quota.take(reserved, now);
        if (grant != null && grant.refused() != null) {
            Fault refused = tooMany(grant.refused(), grant.limit().style());
            return new CallPlan(number, Duration.ZERO, refused, grant, behaviour.answer(), mark);
        }
        Fault fault = fault(random, age);
        return new CallPlan(
                number, taken(fault, wait, random), fault, grant, behaviour.answer(), mark);
    }

    private @Nullable Fault outage(Instant now) {
        Fault fault = outage(outages, now);
        return fault == null ? outage(behaviour.outages(), now) : fault;
    }

    private @Nullable Fault outage(List<Outage> planned, Instant now) {
        for (Outage outage : planned) {
            if (outage.covers(start, now)) {
                return switch (outage.kind()) {
                    case UNAVAILABLE -> Fault.refuse(Refusal.OVERLOADED);
                    case HANG -> new Fault.Hang(false);
                    case CUT -> new Fault.CutBefore(ConnectionEnd.CLOSE, false);
                    case REFUSED -> new Fault.CutBefore(ConnectionEnd.RESET, false);
                };
            }
        }
        return null;
    }

    private static Fault tooMany(Grant.Refused refused, ProviderStyle style) {
        return new Fault.Refuse(refused.refusal(), style, refused.next(), Latency.ZERO);
    }

    /** Faults with a limited number of times go first; among the others one roll decides. */
    private @Nullable Fault fault(RandomGenerator random, ServerConnection.Age age) {
        Fault limited = limitedFault(random, age);
        if (limited != null) {
            return limited;
        }
        double roll = random.nextDouble();
        for (Chance chance : behaviour.faults()) {
            if (chance.times() == Chance.UNLIMITED) {
                roll -= chance.share();
                if (roll < 0) {
                    return strikes(chance, age) ? chance.fault() : null;
                }
            }
        }
        return null;
    }

    private @Nullable Fault limitedFault(RandomGenerator random, ServerConnection.Age age) {
        for (int i = 0; i < left.size(); i++) {
            Chance chance = behaviour.faults().get(i);
            boolean rolled =
                    chance.times() != Chance.UNLIMITED && random.nextDouble() < chance.share();
            if (rolled && strikes(chance, age) && used(left.get(i))) {
                return chance.fault();
            }
        }
        return null;
    }

    /** A fresh connection cannot be stale. */
    private static boolean strikes(Chance chance, ServerConnection.Age age) {
        return age == ServerConnection.Age.REUSED || !(chance.fault() instanceof Fault.CutOnReuse);
    }

    private static boolean used(AtomicInteger left) {
        return left.getAndUpdate(it -> Math.max(0, it - 1)) > 0;
    }

    private static Duration taken(@Nullable Fault fault, Duration wait, RandomGenerator random) {
        return switch (fault) {
            case Fault.Refuse refuse -> refuse.after().draw(random);
            case Fault.Hang _, Fault.CutOnReuse _ -> Duration.ZERO;
            case null, default -> wait;
        };
    }

    /** Neighbouring inputs give unrelated outputs (the finisher of MurmurHash3). */
    private static long mixed(long value) {
        long mixed = (value ^ (value >>> 33)) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ (mixed >>> 33);
    }
}
