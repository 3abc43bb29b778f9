package dev.gantry.secret;

import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The secrets that an environment holds, as they are written there and as they are resolved. */
final class SecretValues {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{[^}]*}");

    /** Where a path or an address stands, the secret is elsewhere. */
    private static final Pattern LOCATION =
            Pattern.compile("(?:classpath\\*?:|file:|https?:|[./~]).*", Pattern.DOTALL);

    /** Of a login module's options, or an address's parameters. */
    private static final Pattern INNER =
            Pattern.compile("(?i)passw(?:or)?d\\s*=\\s*(?:\"([^\"]+)\"|'([^']+)'|([^\\s&;\"']+))");

    private static final Pattern USER_INFO = Pattern.compile("://[^\\s/@:]*:([^\\s/]+)@");

    private SecretValues() {}

    static Set<String> of(ConfigurableEnvironment environment) {
        Set<String> secrets = new LinkedHashSet<>();
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> names) {
                for (String name : names.getPropertyNames()) {
                    Object value = names.getProperty(name);
                    if (value != null) {
                        add(name, value.toString(), secrets);
                        add(name, resolved(environment, value.toString()), secrets);
                    }
                }
            }
        }
        return secrets;
    }

    private static String resolved(ConfigurableEnvironment environment, String value) {
        try {
            return value.contains("${") ? environment.resolvePlaceholders(value) : value;
        } catch (IllegalArgumentException _) {
            // Placeholders in a circle: whoever binds this says so.
            return value;
        }
    }

    private static void add(String name, String value, Set<String> secrets) {
        inner(INNER.matcher(value), secrets);
        inner(USER_INFO.matcher(value), secrets);
        if (SecretNames.isSecret(name) && !LOCATION.matcher(value).matches()) {
            secrets.add(value);
            for (String part : PLACEHOLDER.split(value, -1)) {
                secrets.add(part);
                // What follows a scheme, as in "Bearer sk-…".
                secrets.add(part.substring(part.lastIndexOf(' ') + 1));
            }
        }
    }

    private static void inner(Matcher found, Collection<String> secrets) {
        while (found.find()) {
            for (int group = 1; group <= found.groupCount(); group++) {
                if (found.group(group) != null) {
                    secrets.add(found.group(group));
                }
            }
        }
    }
}
