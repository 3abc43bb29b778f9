package dev.gantry.config;

import dev.gantry.inference.EditDistance;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Environment variables named {@code GANTRY_…}: keys, keys mistyped, or somebody else's. */
final class Variables {
    private static final String PREFIX = "GANTRY_";

    /** What Kubernetes injects for a service whose name begins with gantry. */
    private static final Pattern OF_A_SERVICE =
            Pattern.compile("GANTRY_(.+_)?(SERVICE_HOST|(SERVICE_)?PORT(_.+)?)");

    private Variables() {}

    static boolean isEnvironment(ConfigurationPropertySource source) {
        return source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource;
    }

    /** Hides what binds to nothing. */
    static boolean mayBeMeant(ConfigurationPropertyName name) {
        return !KeyLookup.isOurs(name)
                || KeyLookup.find(name) instanceof KeyLookup.Found.Key
                || KeyLookup.matchesVariable(name, Set.of());
    }

    /**
     * Notes those that are much like a key.
     *
     * @return those that are like none: somebody else's, it seems
     */
    static List<String> judge(
            ConfigurableEnvironment environment, GantrySettings settings, Mistakes mistakes) {
        List<String> foreign = new ArrayList<>();
        Set<String> names = names(settings).collect(Collectors.toSet());
        Set<String> uniform = names.stream().map(KeySchema::uniform).collect(Collectors.toSet());
        for (String variable : all(environment)) {
            if (!isKey(variable, uniform)) {
                nearest(variable, names, uniform)
                        .ifPresentOrElse(
                                meant ->
                                        mistakes.addUnknown(
                                                "",
                                                Places.variable(variable)
                                                        + "there is no such key, did you mean "
                                                        + meant
                                                        + "?",
                                                variable,
                                                ""),
                                () -> foreign.add(variable));
            }
        }
        foreign.removeIf(each -> !each.startsWith(PREFIX) || OF_A_SERVICE.matcher(each).matches());
        return foreign;
    }

    private static List<String> all(ConfigurableEnvironment environment) {
        return environment.getPropertySources().stream()
                .filter(SystemEnvironmentPropertySource.class::isInstance)
                .map(SystemEnvironmentPropertySource.class::cast)
                .flatMap(source -> Arrays.stream(source.getPropertyNames()))
                .filter(name -> name.startsWith(PREFIX) || resembles(name))
                .sorted()
                .toList();
    }

    private static boolean resembles(String variable) {
        int end = variable.indexOf('_');
        return end > 0
                && variable.toUpperCase(Locale.ROOT).equals(variable)
                && UnknownKeys.resembles(variable.substring(0, end));
    }

    private static boolean isKey(String variable, Set<String> uniformNames) {
        return variable.startsWith(PREFIX)
                && KeyLookup.matchesVariable(
                        ConfigurationPropertyName.adapt(variable.toLowerCase(Locale.ROOT), '_'),
                        uniformNames);
    }

    private static Optional<String> nearest(
            String variable, Set<String> names, Set<String> uniformNames) {
        String rest = variable.substring(variable.indexOf('_') + 1);
        if (!variable.startsWith(PREFIX)) {
            return Optional.of(PREFIX + rest).filter(each -> isKey(each, uniformNames));
        }
        if (OF_A_SERVICE.matcher(variable).matches()) {
            return Optional.empty();
        }
        String given = KeySchema.uniform(rest);
        return KeyLookup.variables(names, numbers(rest))
                .filter(each -> unlike(given, each) <= Math.clamp(given.length() / 4, 1, 3))
                .min(Comparator.comparingInt(each -> unlike(given, each)))
                .map(each -> PREFIX + each);
    }

    private static int unlike(String given, String variable) {
        return EditDistance.between(given, KeySchema.uniform(variable));
    }

    /** The entries of lists that it may mean. */
    private static List<String> numbers(String variable) {
        return Stream.concat(
                        Stream.of("0"),
                        Arrays.stream(variable.split("_", -1))
                                .filter(each -> each.matches("\\d{1,3}")))
                .distinct()
                .toList();
    }

    private static Stream<String> names(GantrySettings settings) {
        return Stream.concat(
                settings.policies().keySet().stream(),
                settings.providers().entrySet().stream()
                        .flatMap(
                                each ->
                                        Stream.concat(
                                                Stream.of(each.getKey()),
                                                each.getValue().instances().keySet().stream())));
    }
}
