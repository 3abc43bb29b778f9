package dev.gantry.cli.batch;

import org.jspecify.annotations.Nullable;

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
     */
    record Ready(@Nullable Integer workers) implements BrokerSight {}

    /** Why nothing moves, given that nothing has for so long. */
    default String reason(long silentSeconds) {
        return switch (this) {
            case Unseen _ -> "asking the broker";
            case Unreachable(String reason) -> "broker not reachable: " + reason;
            case MissingTopic(String topic) ->
                    "topic %s does not exist: start a worker or create it".formatted(topic);
            case Refused(String reason) -> "the broker refuses: " + reason;
            case Unusable(String reason) -> "no client can be made: " + reason;
            case Ready(Integer workers) when workers != null && workers == 0 ->
                    "waiting for a worker: none is running";
            case Ready(Integer workers) when workers != null ->
                    "no result for %d s; %d %s at work"
                            .formatted(silentSeconds, workers, workers == 1 ? "worker" : "workers");
            case Ready _ -> "waiting for a worker: no result for %d s".formatted(silentSeconds);
        };
    }
}
