package dev.gantry.config;

import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.intake.IntakeSettings;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.util.unit.DataSize;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Defaults that give way: where one key bounds another and the user has set one of them, the
 * default of the other moves. What the user set twice and contradicts is left to the checks.
 */
final class Yielding {
    private final Binder binder;
    private final Map<String, Object> defaults = new HashMap<>();

    private Yielding(Binder binder) {
        this.binder = binder;
    }

    /** The defaults that differ from the shipped ones, by key. */
    static Map<String, Object> defaults(Binder binder) {
        Yielding yielding = new Yielding(binder);
        CircuitSettings circuit = CircuitSettings.DEFAULT;
        String at = "gantry.circuit.";
        yielding.times(
                at + "cooldown", circuit.cooldown(), at + "max-cooldown", circuit.maxCooldown());
        Map.of(
                        "rate-limit-cooldown",
                        circuit.rateLimitCooldown(),
                        "auth-cooldown",
                        circuit.authCooldown(),
                        "billing-cooldown",
                        circuit.billingCooldown())
                .forEach(
                        (key, value) ->
                                yielding.times(
                                        at + key,
                                        value,
                                        at + "max-long-cooldown",
                                        circuit.maxLongCooldown()));
        IntakeSettings worker = IntakeSettings.DEFAULT;
        yielding.smaller(
                "gantry.worker.max-request-size",
                worker.maxRequestSize(),
                yielding.set("gantry.worker.max-in-flight-size", DataSize.class));
        ProviderSettings provider = new Binder().bindOrCreate("none", ProviderSettings.class);
        for (String name : yielding.providers()) {
            String prefix = "gantry.providers." + name + ".";
            yielding.times(
                    prefix + "connect-timeout",
                    provider.connectTimeout(),
                    prefix + "timeout",
                    provider.timeout());
        }
        return Map.copyOf(yielding.defaults);
    }

    private List<String> providers() {
        try {
            return binder.bind("gantry.providers", Bindable.mapOf(String.class, Object.class))
                    .map(map -> List.copyOf(map.keySet()))
                    .orElse(List.of());
        } catch (BindException _) {
            return List.of(); // the real binding says why
        }
    }

    /** A time that another bounds. */
    private void times(
            String smaller, Duration smallerDefault, String larger, Duration largerDefault) {
        Duration bound = set(larger, Duration.class);
        smaller(smaller, smallerDefault, bound);
        Duration bounded = set(smaller, Duration.class);
        if (bound == null && bounded != null && bounded.compareTo(largerDefault) > 0) {
            defaults.merge(larger, bounded, Yielding::longer);
        }
    }

    private <T extends Comparable<T>> void smaller(String key, T byDefault, @Nullable T bound) {
        if (bound != null && set(key, Object.class) == null && bound.compareTo(byDefault) < 0) {
            defaults.put(key, bound);
        }
    }

    private static Object longer(Object one, Object other) {
        return ((Duration) one).compareTo((Duration) other) >= 0 ? one : other;
    }

    /** Null: not set, or not readable, which the real binding says. */
    private <T> @Nullable T set(String key, Class<T> type) {
        try {
            // Adapted, because a name may not be as a key should be.
            ConfigurationPropertyName name = ConfigurationPropertyName.adapt(key, '.');
            return binder.bind(name, Bindable.of(type)).orElse(null);
        } catch (BindException _) {
            return null;
        }
    }
}
