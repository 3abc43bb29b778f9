package dev.gantry.config;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.util.PropertyPlaceholderHelper;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads the settings off Spring's environment; every mistake found stops the start. */
public final class SettingsBinder {
    private static final Logger LOG = LoggerFactory.getLogger(SettingsBinder.class);

    /** Spring's own would hand on an unset variable as the text that names it, even as a key. */
    private static final PropertyPlaceholderHelper STRICT =
            new PropertyPlaceholderHelper("${", "}", ":", '\\', false);

    private SettingsBinder() {}

    /**
     * The settings, checked one by one and against each other.
     *
     * @throws WrongSettingsException naming each mistake
     */
    public static GantrySettings bind(ConfigurableEnvironment environment) {
        Mistakes mistakes = new Mistakes();
        List<ConfigurationPropertySource> sources = new ArrayList<>();
        for (ConfigurationPropertySource source :
                ConfigurationPropertySources.from(environment.getPropertySources())) {
            if (isEnvironment(source)) {
                sources.add(source.filter(SettingsBinder::mayBeMeant));
            } else {
                UnknownKeys.find(source, mistakes);
                sources.add(source);
            }
        }
        PropertySourcesPlaceholdersResolver placeholders =
                new PropertySourcesPlaceholdersResolver(environment.getPropertySources(), STRICT);
        Map<String, Object> defaults = Yielding.defaults(new Binder(sources, placeholders));
        sources.add(new MapConfigurationPropertySource(defaults));
        Binder binder = new Binder(sources, placeholders);
        GantrySettings settings =
                binder.bindOrCreate(
                        "gantry",
                        Bindable.of(GantrySettings.class),
                        new MistakeCollector(mistakes));
        mistakes.stop();
        check(settings, sslBundles(environment));
        unusedVariables(environment, settings)
                .forEach(
                        name ->
                                LOG.atWarn()
                                        .addKeyValue("variable", name)
                                        .log("environment variable matches no key of gantry.*"));
        return settings;
    }

    private static void check(GantrySettings settings, Set<String> sslBundles) {
        Mistakes mistakes = new Mistakes();
        Names names = Names.of(settings.providers());
        settings.providers()
                .forEach(
                        (name, provider) -> {
                            ProviderCheck.check(name, provider, mistakes);
                            String bundle = provider.sslBundle();
                            mistakes.check(
                                    bundle == null || sslBundles.contains(bundle),
                                    "gantry.providers." + name + ".ssl-bundle",
                                    String.valueOf(bundle),
                                    "a bundle of spring.ssl.bundle: " + Names.listed(sslBundles));
                        });
        RoutingCheck.check(settings.routing(), names, mistakes);
        settings.policies()
                .forEach((name, policy) -> PolicyCheck.check(name, policy, names, mistakes));
        mistakes.stop();
    }

    private static Set<String> sslBundles(ConfigurableEnvironment environment) {
        Bindable<Map<String, Object>> map = Bindable.mapOf(String.class, Object.class);
        Set<String> names = new TreeSet<>();
        for (String kind : List.of("jks", "pem")) {
            Binder.get(environment)
                    .bind("spring.ssl.bundle." + kind, map)
                    .ifBound(bundles -> names.addAll(bundles.keySet()));
        }
        return names;
    }

    /** The names of variables that bind to nothing: mistyped, or put there by Kubernetes. */
    static List<String> unusedVariables(
            ConfigurableEnvironment environment, GantrySettings settings) {
        Set<String> names =
                Stream.concat(
                                settings.policies().keySet().stream(),
                                settings.providers().entrySet().stream()
                                        .flatMap(
                                                each ->
                                                        Stream.concat(
                                                                Stream.of(each.getKey()),
                                                                each
                                                                        .getValue()
                                                                        .instances()
                                                                        .keySet()
                                                                        .stream())))
                        .map(KeySchema::uniform)
                        .collect(Collectors.toSet());
        return environment.getPropertySources().stream()
                .filter(SystemEnvironmentPropertySource.class::isInstance)
                .flatMap(
                        source ->
                                Stream.of(
                                        ((SystemEnvironmentPropertySource) source)
                                                .getPropertyNames()))
                .filter(variable -> variable.toUpperCase(Locale.ROOT).startsWith("GANTRY_"))
                .filter(variable -> !KeyLookup.matchesVariable(asName(variable), names))
                .sorted()
                .toList();
    }

    private static ConfigurationPropertyName asName(String variable) {
        return ConfigurationPropertyName.adapt(variable.toLowerCase(Locale.ROOT), '_');
    }

    private static boolean isEnvironment(ConfigurationPropertySource source) {
        return source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource;
    }

    /** Hides what Kubernetes injects for a service whose name begins with gantry. */
    private static boolean mayBeMeant(ConfigurationPropertyName name) {
        return !KeyLookup.isOurs(name)
                || KeyLookup.find(name) instanceof KeyLookup.Found.Key
                || KeyLookup.matchesVariable(name, Set.of());
    }
}
