package dev.gantry.config;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.origin.SystemEnvironmentOrigin;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where a key is written: a file and its line, a variable, the command line. */
final class Places {
    private static final Pattern LINE = Pattern.compile("(.+?):(\\d{1,9}): ");

    private final List<ConfigurationPropertySource> sources = new ArrayList<>();

    private Places(ConfigurableEnvironment environment) {
        ConfigurationPropertySources.from(environment.getPropertySources()).forEach(sources::add);
    }

    /**
     * Each mistake with its place in front, as far as there is one.
     *
     * @param mistakes each begins with its key and a colon
     */
    static List<String> say(ConfigurableEnvironment environment, List<String> mistakes) {
        Places places = new Places(environment);
        return mistakes.stream()
                .map(each -> places.of(Mistakes.key(each)) + each)
                .sorted(Comparator.comparing(Places::inFileOrder))
                .toList();
    }

    /** File by file and line by line; what stands in no file comes last. */
    private static String inFileOrder(String said) {
        Matcher line = LINE.matcher(said);
        return line.lookingAt()
                ? "%s:%09d".formatted(line.group(1), Integer.parseInt(line.group(2)))
                : "\uffff";
    }

    /** With a colon and a blank behind it; empty: not known. */
    static String of(@Nullable Origin origin) {
        return switch (origin) {
            case TextResourceOrigin text when text.getResource() != null ->
                    file(text.getResource())
                            + (text.getLocation() == null
                                    ? ": "
                                    : ":" + (text.getLocation().getLine() + 1) + ": ");
            case SystemEnvironmentOrigin variable -> variable(variable.getProperty());
            case PropertySourceOrigin property when property.getOrigin() != null ->
                    of(property.getOrigin());
            case PropertySourceOrigin property ->
                    source(property.getPropertySource(), property.getPropertyName());
            case null, default -> "";
        };
    }

    private static String source(PropertySource<?> source, String name) {
        if (source instanceof SystemEnvironmentPropertySource) {
            return variable(name);
        }
        if (source instanceof CommandLinePropertySource<?>) {
            return "command line: ";
        }
        boolean ofJvm =
                source.getName().equals(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);
        return ofJvm ? "system property: " : "";
    }

    static String variable(String name) {
        return "environment variable " + name + ": ";
    }

    /** As a person in this directory would type it. */
    static String file(Resource resource) {
        if (resource instanceof ClassPathResource inside) {
            return inside.getPath() + " of the jar";
        }
        try {
            File file = resource.getFile();
            Path here = Path.of("").toAbsolutePath();
            Path path = file.toPath().toAbsolutePath().normalize();
            return (path.startsWith(here) ? here.relativize(path) : path).toString();
        } catch (IOException _) {
            return resource.getDescription();
        }
    }

    /** That of the key; else of the first that is written below it, or below what is above it. */
    private String of(String key) {
        ConfigurationPropertyName name = name(key);
        for (ConfigurationPropertyName at = name;
                at.getNumberOfElements() > 1;
                at = at.getParent()) {
            for (ConfigurationPropertySource source : sources) {
                String place = place(source, at);
                if (!place.isEmpty()) {
                    return place;
                }
            }
        }
        return "";
    }

    /** Adapted, because a name may not be as a key should be. */
    static ConfigurationPropertyName name(String key) {
        return ConfigurationPropertyName.adapt(key, '.');
    }

    /** Where the name stands that is above a property. */
    static String above(@Nullable ConfigurationProperty property, String name) {
        return property == null ? "" : of(origin(property.getOrigin(), name));
    }

    /** YAML tells the line of each value; the name above it stands there or on a line before. */
    private static @Nullable Origin origin(@Nullable Origin value, String name) {
        if (value instanceof PropertySourceOrigin property && property.getOrigin() != null) {
            return origin(property.getOrigin(), name);
        }
        if (!(value instanceof TextResourceOrigin text) || text.getLocation() == null) {
            return value;
        }
        Resource file = text.getResource();
        if (file == null) {
            return value;
        }
        Pattern written =
                Pattern.compile("(?:^|[\\s{,.\"'-])" + Pattern.quote(name) + "[\"']?[.:].*");
        try {
            List<String> lines = file.getContentAsString(StandardCharsets.UTF_8).lines().toList();
            for (int line = Math.min(text.getLocation().getLine(), lines.size() - 1);
                    line >= 0;
                    line--) {
                if (written.matcher(lines.get(line)).find()) {
                    return new TextResourceOrigin(file, new TextResourceOrigin.Location(line, 0));
                }
            }
        } catch (IOException _) {
            // It has been there a moment ago; the line below will do.
        }
        return value;
    }

    private static String place(
            ConfigurationPropertySource source, ConfigurationPropertyName name) {
        ConfigurationProperty itself = source.getConfigurationProperty(name);
        if (itself != null) {
            return of(itself.getOrigin());
        }
        return source instanceof IterableConfigurationPropertySource names
                ? names.stream()
                        .filter(name::isAncestorOf)
                        .map(source::getConfigurationProperty)
                        .flatMap(Stream::ofNullable)
                        .map(ConfigurationProperty::getOrigin)
                        .min(Comparator.comparingInt(Places::line))
                        .map(first -> of(origin(first, last(name))))
                        .orElse("")
                : "";
    }

    private static String last(ConfigurationPropertyName name) {
        return name.getLastElement(ConfigurationPropertyName.Form.ORIGINAL);
    }

    private static int line(@Nullable Origin origin) {
        return origin instanceof TextResourceOrigin text && text.getLocation() != null
                ? text.getLocation().getLine()
                : Integer.MAX_VALUE;
    }
}
