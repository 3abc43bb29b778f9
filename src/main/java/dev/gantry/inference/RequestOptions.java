package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The {@code gantry} member of a request: what the OpenAI batch format lacks. Every part is
 * optional.
 *
 * @param caller open map of text, at most 2 KiB; likewise billing and tags
 * @param allowance of the topic that the request came from
 */
public record RequestOptions(
        @Nullable String conversationId,
        @Nullable String sessionId,
        Map<String, String> caller,
        Map<String, String> billing,
        Map<String, String> tags,
        @Nullable String priority,
        Sensitivity sensitivity,
        @Nullable Tier hintedTier,
        Preference prefer,
        RoutingConstraints constraints,
        Intent intent,
        Caps caps,
        Allowance allowance) {

    public static final RequestOptions NONE =
            new RequestOptions(
                    null,
                    null,
                    Map.of(),
                    Map.of(),
                    Map.of(),
                    null,
                    Sensitivity.NONE,
                    null,
                    Preference.NONE,
                    RoutingConstraints.NONE,
                    Intent.NONE,
                    Caps.NONE,
                    Allowance.ALL);

    public RequestOptions {
        caller = Map.copyOf(caller);
        billing = Map.copyOf(billing);
        tags = Map.copyOf(tags);
    }

    /** {@code classification}: what the content holds. */
    public record Sensitivity(@Nullable String level, boolean pii, boolean phi) {
        public static final Sensitivity NONE = new Sensitivity(null, false, false);

        /**
         * Whether the request may be answered by local lanes only (routing rules, section 1.3 a).
         */
        public boolean forcesLocal() {
            return pii || phi || "restricted".equals(level);
        }
    }

    /** {@code prefer}: ranks first, filters nothing. */
    public record Preference(
            @Nullable String provider, @Nullable String instance, @Nullable Tier tier) {
        public static final Preference NONE = new Preference(null, null, null);
    }

    /**
     * {@code routing}: explicit and hard.
     *
     * @param policy null: none; its chain is the order then
     * @param escalate null: as configured
     */
    public record RoutingConstraints(
            @Nullable String provider,
            @Nullable String instance,
            @Nullable String model,
            @Nullable Tier tier,
            @Nullable PolicyChoice policy,
            List<String> fallbackModels,
            @Nullable Boolean escalate) {
        public static final RoutingConstraints NONE =
                new RoutingConstraints(null, null, null, null, null, List.of(), null);

        public RoutingConstraints {
            fallbackModels = List.copyOf(fallbackModels);
        }
    }

    /** {@code routing.policy}: one of the configuration's, or the request's own. */
    public sealed interface PolicyChoice {
        /** By its name in the configuration. */
        record Named(String name) implements PolicyChoice {}

        /** As it stands in the request. */
        record Inline(RoutingPolicy policy) implements PolicyChoice {}
    }

    /** {@code intent}: what the caller asks of the answer. */
    public record Intent(
            Set<Capability> capabilities,
            @Nullable Effort effort,
            @Nullable String privacy,
            @Nullable CostGoal cost) {
        public static final Intent NONE = new Intent(Set.of(), null, null, null);

        public Intent {
            capabilities = Set.copyOf(capabilities);
        }
    }
}
