package dev.gantry.metering;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.InferenceRequest;

import org.jspecify.annotations.Nullable;

import java.util.Set;

/** Which of a price's service tiers applies to an attempt. */
final class ServiceTier {
    /** The tiers that the list price is for; Groq says on_demand. */
    private static final Set<String> LISTED = Set.of("default", "standard", "auto", "on_demand");

    private ServiceTier() {}

    /** What was served decides; what was asked, where the provider does not say. */
    static String of(InferenceRequest request, Attempt attempt) {
        String served = attempt.answer() == null ? null : attempt.answer().serviceTier();
        return served == null ? asked(request) : name(served);
    }

    static String asked(InferenceRequest request) {
        return name(request.body().facts().serviceTier());
    }

    /** The price's missing reason. */
    static String missing(String tier) {
        return "service_tier:" + tier;
    }

    private static String name(@Nullable String tier) {
        return tier == null || LISTED.contains(tier) ? Price.LIST : tier;
    }
}
