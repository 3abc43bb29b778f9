package dev.gantry.config;

import dev.gantry.secret.Scrubber;

import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.util.PlaceholderResolutionException;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads the configuration again from the files that the start took it from. Command line, system
 * properties and environment variables are those of the process and stay.
 */
public final class SettingsFiles {
    /** How Spring Boot names what it reads from files and from folders of files. */
    private static final List<String> FROM_FILES = List.of("Config resource '", "Config tree '");

    private static final Pattern FILE = Pattern.compile("^Config resource 'file \\[(.+?)]'");

    /** Its own view of all the others. */
    private static final String VIEW = "configurationProperties";

    private static final List<String> SPRING =
            List.of("spring.", "management.", "server.", "logging.");

    private SettingsFiles() {}

    /**
     * Another environment of the same sources, the files as they are now.
     *
     * @throws WrongSettingsException if a file cannot be read; it quotes nothing of the file
     */
    public static ConfigurableEnvironment reread(ConfigurableEnvironment running) {
        StandardEnvironment fresh = new StandardEnvironment();
        MutablePropertySources sources = fresh.getPropertySources();
        List.copyOf(sources.stream().toList()).forEach(each -> sources.remove(each.getName()));
        for (PropertySource<?> each : running.getPropertySources()) {
            if (FROM_FILES.stream().noneMatch(each.getName()::startsWith)
                    && !each.getName().equals(VIEW)) {
                sources.addLast(each);
            }
        }
        try {
            ConfigDataEnvironmentPostProcessor.applyTo(fresh);
        } catch (WrongSettingsException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new WrongSettingsException(
                    List.of("the configuration cannot be read: " + why(e)));
        }
        // Placeholders may name a variable as if it were a key, as in the one that is running.
        ConfigurationPropertySources.attach(fresh);
        return fresh;
    }

    private static String why(Throwable trouble) {
        Throwable cause = trouble.getCause();
        return cause == null ? Scrubber.scrub(String.valueOf(trouble.getMessage())) : why(cause);
    }

    /** Which files were looked for, and which of them there are, in a person's words. */
    public static String searched(ConfigurableEnvironment environment) {
        String names = environment.getProperty("spring.config.name", "application");
        String location = environment.getProperty("spring.config.location");
        String more = environment.getProperty("spring.config.additional-location");
        Path here = Path.of("").toAbsolutePath();
        String places =
                location == null ? "%s and %s".formatted(here, here.resolve("config")) : location;
        String read =
                environment.getPropertySources().stream()
                        .map(each -> FILE.matcher(each.getName()))
                        .filter(Matcher::find)
                        .map(each -> each.group(1))
                        .collect(Collectors.joining(", "));
        return "looked for %s.yml, .yaml and .properties in %s%s; read %s"
                .formatted(
                        names,
                        places,
                        more == null ? "" : " and " + more,
                        read.isEmpty() ? "none, there is none" : read);
    }

    /** Spring's own keys whose values differ; nothing of them is taken while the worker runs. */
    public static List<String> changedSpringKeys(
            ConfigurableEnvironment before, ConfigurableEnvironment now) {
        TreeSet<String> names = new TreeSet<>();
        Stream.of(before, now)
                .flatMap(each -> each.getPropertySources().stream())
                .filter(EnumerablePropertySource.class::isInstance)
                .flatMap(each -> Stream.of(((EnumerablePropertySource<?>) each).getPropertyNames()))
                .filter(name -> SPRING.stream().anyMatch(name::startsWith))
                .forEach(names::add);
        return names.stream()
                .filter(name -> !value(before, name).equals(value(now, name)))
                .toList();
    }

    /** What its placeholders come to, too: a secret may stand in another file. */
    private static List<String> value(ConfigurableEnvironment environment, String name) {
        String written = written(environment, name);
        try {
            return List.of(written, environment.resolvePlaceholders(written));
        } catch (PlaceholderResolutionException _) {
            return List.of(written); // one that leads to itself
        }
    }

    /** As it is written down, placeholders and all. */
    private static String written(ConfigurableEnvironment environment, String name) {
        return environment.getPropertySources().stream()
                .filter(each -> !each.getName().equals(VIEW))
                .map(each -> each.getProperty(name))
                .filter(Objects::nonNull)
                .map(String::valueOf)
                .findFirst()
                .orElse("");
    }
}
