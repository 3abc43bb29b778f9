package dev.gantry.config;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * The keys of {@code gantry.*} whose values differ between two configurations; never the values.
 *
 * @param taken those that may change while the worker runs
 * @param needRestart the others
 */
public record SettingsChange(List<String> taken, List<String> needRestart) {
    private static final List<String> LIVE =
            List.of(
                    "gantry.providers",
                    "gantry.request-topics",
                    "gantry.routing",
                    "gantry.policies",
                    "gantry.pricing");

    public SettingsChange {
        taken = List.copyOf(taken);
        needRestart = List.copyOf(needRestart);
    }

    /**
     * Pure.
     *
     * @param started what the worker was started with
     * @param inForce what it has taken last
     */
    public static SettingsChange of(
            GantrySettings started, GantrySettings inForce, GantrySettings now) {
        return new SettingsChange(
                differing(inForce, now).stream().filter(SettingsChange::live).toList(),
                differing(started, now).stream().filter(key -> !live(key)).toList());
    }

    /** Whether a reload takes it. */
    static boolean live(String key) {
        return LIVE.stream()
                .anyMatch(
                        each ->
                                key.startsWith(each)
                                        && (key.length() == each.length()
                                                || ".[".indexOf(key.charAt(each.length())) >= 0));
    }

    private static List<String> differing(GantrySettings before, GantrySettings now) {
        List<String> keys = new ArrayList<>();
        compare("gantry", before, now, keys);
        return keys;
    }

    private static void compare(
            String key, @Nullable Object before, @Nullable Object now, List<String> keys) {
        if (Objects.equals(before, now)) {
            return;
        }
        if (before instanceof Record one && now instanceof Record other && KeySchema.hasKeys(one)) {
            for (RecordComponent each : one.getClass().getRecordComponents()) {
                String name = key + "." + KeySchema.kebab(each.getName());
                compare(name, value(each, one), value(each, other), keys);
            }
        } else if (before instanceof Map<?, ?> one && now instanceof Map<?, ?> other) {
            TreeSet<Object> names = new TreeSet<>(one.keySet());
            names.addAll(other.keySet());
            names.forEach(
                    each -> compare(key + "." + name(each), one.get(each), other.get(each), keys));
        } else if (before instanceof List<?> one && now instanceof List<?> other) {
            for (int at = 0; at < Math.max(one.size(), other.size()); at++) {
                compare("%s[%d]".formatted(key, at), entry(one, at), entry(other, at), keys);
            }
        } else {
            keys.add(key);
        }
    }

    private static @Nullable Object entry(List<?> list, int at) {
        return at < list.size() ? list.get(at) : null;
    }

    private static String name(Object key) {
        return key instanceof Enum<?> each
                ? each.name().toLowerCase(Locale.ROOT).replace('_', '-')
                : key.toString();
    }

    private static @Nullable Object value(RecordComponent component, Record of) {
        try {
            return component.getAccessor().invoke(of);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("settings are public records: " + of.getClass(), e);
        }
    }
}
