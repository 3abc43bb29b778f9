package dev.gantry.config;

import org.jspecify.annotations.Nullable;
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
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.util.PlaceholderResolutionException;
import org.springframework.util.PropertyPlaceholderHelper;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads the settings off Spring's environment; every mistake found stops the start. */
public final class SettingsBinder {
    private static final Logger LOG = LoggerFactory.getLogger(SettingsBinder.class);

    /** Spring's own would hand on an unset variable as the text that names it, even as a key. */
    private static final PropertyPlaceholderHelper STRICT =
            new PropertyPlaceholderHelper("${", "}", ":", '\\', false);

    private final ConfigurableEnvironment environment;
    private final Secrets secrets;
    private final Mistakes mistakes = new Mistakes();

    /** Whether variables that hold secrets must be set. */
    public enum Secrets {
        NEEDED,
        /** By a command that calls nobody: it may run where there are none. */
        UNNEEDED
    }

    private SettingsBinder(ConfigurableEnvironment environment, Secrets secrets) {
        this.environment = environment;
        this.secrets = secrets;
    }

    /**
     * A worker's settings, checked one by one and against each other.
     *
     * @throws WrongSettingsException naming each mistake
     */
    public static GantrySettings bind(ConfigurableEnvironment environment) {
        return bind(environment, Secrets.NEEDED);
    }

    /**
     * The settings of a worker or of a command.
     *
     * @throws WrongSettingsException naming each mistake
     */
    public static GantrySettings bind(ConfigurableEnvironment environment, Secrets secrets) {
        return new SettingsBinder(environment, secrets).settings();
    }

    /**
     * Whether every placeholder in some of Spring's keys has a value; Spring itself would hand on
     * the text that names it.
     *
     * @return the keys that have one
     * @throws WrongSettingsException naming each mistake
     */
    public static Set<String> placeholders(
            ConfigurableEnvironment environment, List<String> prefixes) {
        Mistakes mistakes = new Mistakes();
        Set<String> seen = new TreeSet<>();
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> names) {
                for (String name : names.getPropertyNames()) {
                    if (prefixes.stream().anyMatch(name::startsWith) && seen.add(name)) {
                        resolve(name, String.valueOf(names.getProperty(name)), environment)
                                .ifPresent(mistakes::add);
                    }
                }
            }
        }
        mistakes.stop();
        return seen;
    }

    private static Optional<String> resolve(
            String key, String value, ConfigurableEnvironment environment) {
        try {
            STRICT.replacePlaceholders(value, environment::getProperty);
            return Optional.empty();
        } catch (PlaceholderResolutionException e) {
            return Optional.of("%s: %s".formatted(key, MistakeCollector.unset(e.getPlaceholder())));
        }
    }

    /** What is wrong counts as not written, and the rest is judged again: it hides nothing. */
    private GantrySettings settings() {
        List<ConfigurationPropertySource> sources = sources();
        GantrySettings settings;
        int before;
        do {
            before = mistakes.count();
            Set<String> wrong = mistakes.nextRound();
            settings = round(sources.stream().map(each -> without(each, wrong)).toList());
        } while (mistakes.count() > before);
        if (settings != null) {
            Variables.judge(environment, settings, mistakes)
                    .forEach(
                            name ->
                                    LOG.atWarn()
                                            .addKeyValue("variable", name)
                                            .log(
                                                    "environment variable matches no key of gantry.*"));
        }
        try {
            mistakes.stop();
        } catch (WrongSettingsException e) {
            throw e.at(environment);
        }
        return Objects.requireNonNull(settings, "settings without mistakes can be bound");
    }

    private List<ConfigurationPropertySource> sources() {
        List<ConfigurationPropertySource> sources = new ArrayList<>();
        for (ConfigurationPropertySource source :
                ConfigurationPropertySources.from(environment.getPropertySources())) {
            if (Variables.isEnvironment(source)) {
                sources.add(source.filter(Variables::mayBeMeant));
            } else {
                UnknownKeys.find(source, mistakes);
                sources.add(source);
            }
        }
        return sources;
    }

    private static ConfigurationPropertySource without(
            ConfigurationPropertySource source, Set<String> keys) {
        List<ConfigurationPropertyName> names = keys.stream().map(Places::name).toList();
        return names.isEmpty()
                ? source
                : source.filter(
                        name ->
                                names.stream()
                                        .noneMatch(
                                                each ->
                                                        each.equals(name)
                                                                || each.isAncestorOf(name)));
    }

    private @Nullable GantrySettings round(List<ConfigurationPropertySource> written) {
        List<ConfigurationPropertySource> sources = new ArrayList<>(written);
        PropertySourcesPlaceholdersResolver placeholders =
                new PropertySourcesPlaceholdersResolver(environment.getPropertySources(), STRICT);
        Map<String, Object> defaults = Yielding.defaults(new Binder(sources, placeholders));
        sources.add(new MapConfigurationPropertySource(defaults));
        int before = mistakes.count();
        GantrySettings settings =
                new Binder(sources, placeholders)
                        .bindOrCreate(
                                "gantry",
                                Bindable.of(GantrySettings.class),
                                new MistakeCollector(mistakes, secrets));
        if (settings != null && mistakes.count() == before) {
            check(settings);
        }
        return settings;
    }

    private void check(GantrySettings settings) {
        Set<String> sslBundles = sslBundles();
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
        Names names =
                new Names(
                        settings.providers(),
                        name -> mistakes.anyBelow("gantry.providers." + name));
        RoutingCheck.check(settings.routing(), names, mistakes);
        settings.policies()
                .forEach((name, policy) -> PolicyCheck.check(name, policy, names, mistakes));
        RequestTopicCheck.check(settings, names, mistakes);
    }

    private Set<String> sslBundles() {
        Bindable<Map<String, Object>> map = Bindable.mapOf(String.class, Object.class);
        Set<String> names = new TreeSet<>();
        for (String kind : List.of("jks", "pem")) {
            Binder.get(environment)
                    .bind("spring.ssl.bundle." + kind, map)
                    .ifBound(bundles -> names.addAll(bundles.keySet()));
        }
        return names;
    }
}
