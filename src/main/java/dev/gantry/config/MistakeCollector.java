package dev.gantry.config;

import dev.gantry.inference.Tier;
import dev.gantry.routing.RoutingSettings;
import dev.gantry.secret.Secret;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanInstantiationException;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.util.PlaceholderResolutionException;
import org.springframework.util.unit.DataSize;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Notes what cannot be bound and lets the binder go on, so that one start shows every mistake. */
final class MistakeCollector extends AbstractBindHandler {
    private final Mistakes mistakes;
    private final SettingsBinder.Secrets secrets;

    MistakeCollector(Mistakes mistakes, SettingsBinder.Secrets secrets) {
        this.mistakes = mistakes;
        this.secrets = secrets;
    }

    /** What fails counts as absent from here on: the mistake is noted, the start is over. */
    @Override
    public @Nullable Object onFailure(
            ConfigurationPropertyName name,
            Bindable<?> target,
            BindContext context,
            Exception error) {
        ConfigurationProperty property = context.getConfigurationProperty();
        Throwable cause = innermost(error);
        if (error instanceof BeanInstantiationException) {
            refused(name, cause);
        } else if (error instanceof UnboundConfigurationPropertiesException) {
            gap(name);
        } else if (property == null
                ? !mistakes.anyBelow(name.toString())
                : !UnknownKeys.isEmpty(property.getValue())) {
            unreadable(name, target, property, error, cause);
        }
        return null;
    }

    /** A record's own check has refused its components. */
    private void refused(ConfigurationPropertyName name, Throwable cause) {
        if (cause instanceof IllegalArgumentException && cause.getMessage() != null) {
            mistakes.add(cause.getMessage());
        } else if (!mistakes.anyBelow(name.toString())) {
            throw new IllegalStateException("cannot bind " + name, cause);
        }
    }

    private void gap(ConfigurationPropertyName name) {
        if (!mistakes.anyBelow(name.toString())) {
            mistakes.add(name + ": entries must be numbered from [0] without a gap");
        }
    }

    private void unreadable(
            ConfigurationPropertyName name,
            Bindable<?> target,
            @Nullable ConfigurationProperty property,
            Exception error,
            Throwable cause) {
        Class<?> type = target.getType().toClass();
        Object value = property == null ? "" : property.getValue();
        if (error instanceof ConversionFailedException failed && failed.getValue() != null) {
            value = failed.getValue();
        }
        if (error instanceof PlaceholderResolutionException unresolved) {
            if (type != Secret.class || secrets == SettingsBinder.Secrets.NEEDED) {
                mistakes.add("%s: %s".formatted(name, unset(unresolved.getPlaceholder())));
            }
        } else if (type.isEnum()) {
            mistakes.addName(name.toString(), value, Allowed.names(type));
        } else if (cause instanceof IllegalArgumentException
                && cause.getMessage() != null
                && cause.getMessage().startsWith("gantry.")) {
            mistakes.add(cause.getMessage());
        } else {
            mistakes.add(name.toString(), value, Allowed.of(type));
        }
    }

    /** A placeholder without a value and without a default. */
    static String unset(String placeholder) {
        return placeholder.matches("[A-Z][A-Z0-9_]*")
                ? "the environment variable %s is not set".formatted(placeholder)
                : "${%s} stands for nothing that is set".formatted(placeholder);
    }

    private static Throwable innermost(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** What a type takes, in a person's words. */
    static final class Allowed {
        static List<String> names(Class<?> type) {
            return Arrays.stream(type.getEnumConstants())
                    .map(each -> ((Enum<?>) each).name())
                    .map(each -> each.toLowerCase(Locale.ROOT).replace('_', '-'))
                    .toList();
        }

        static String of(Class<?> type) {
            if (type.isEnum()) {
                return String.join(", ", names(type));
            }
            if (type == RoutingSettings.Advice.class) {
                return of(Tier.class) + ", or a map of tier, effort and cost";
            }
            if (type == Duration.class) {
                return "a duration such as 500ms, 10s, 5m or 24h";
            }
            if (type == DataSize.class) {
                return "a size such as 512KB, 8MB or 2GB";
            }
            if (type == boolean.class || type == Boolean.class) {
                return "true or false";
            }
            if (type == double.class) {
                return "a number";
            }
            if (type == int.class
                    || type == long.class
                    || type == short.class
                    || type == Integer.class
                    || type == Long.class) {
                return "a whole number";
            }
            return "a " + type.getSimpleName().toLowerCase(Locale.ROOT);
        }
    }
}
