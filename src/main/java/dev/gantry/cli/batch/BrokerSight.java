package dev.gantry.cli.batch;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/** What the last look at the broker saw; the sentences are for people. */
public sealed interface BrokerSight {
    record Unseen() implements BrokerSight {}

    record Unreachable(String reason) implements BrokerSight {}

    record MissingTopic(String topic) implements BrokerSight {}

    /** It answers, and says no; waiting does not help. */
    record Refused(String reason) implements BrokerSight {}

    /** The settings make no client; waiting does not help. */
    record Unusable(String reason) implements BrokerSight {}

    /**
     * Everything that a command needs is there.
     *
     * @param workers members of the workers' group, null where we may not ask
     * @param noticed within which the group loses a worker that died, null where we may not ask
     */
    record Ready(@Nullable Integer workers, @Nullable Duration noticed) implements BrokerSight {}

    /** Why nothing moves, given that nothing has for so long. */
    default String reason(long silentSeconds) {
        return switch (this) {
            case Unseen _ -> "asking the broker";
            case Unreachable(String reason) -> "broker not reachable: " + reason;
            case MissingTopic(String topic) ->
                    "topic %s does not exist: start a worker or create it".formatted(topic);
            case Refused(String reason) -> "the broker refuses: " + reason;
            case Unusable(String reason) -> "no client can be made: " + reason;
            case Ready(Integer workers, _) when workers != null && workers == 0 ->
                    "waiting for a worker: none is running";
            case Ready(Integer workers, Duration noticed) when workers != null ->
                    "no result for %d s; %d %s in the group%s"
                            .formatted(
                                    silentSeconds,
                                    workers,
                                    workers == 1 ? "worker" : "workers",
                                    perhaps(noticed, silentSeconds));
            case Ready _ -> "waiting for a worker: no result for %d s".formatted(silentSeconds);
        };
    }

    /** What is behind the silence of a group that has members, as far as its length tells. */
    private static String perhaps(@Nullable Duration noticed, long silentSeconds) {
        if (noticed == null) {
            return "";
        }
        return silentSeconds < noticed.toSeconds()
                ? "; a dead one is noticed within %d s".formatted(noticed.toSeconds())
                : "; /actuator/intake of each says what waits for which lane";
    }
}
