package dev.gantry.config;

import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.core.env.ConfigurableEnvironment;

import java.util.List;

/** The configuration cannot be used; each mistake names the key, the value and what is allowed. */
public final class WrongSettingsException extends RuntimeException {
    private final List<String> mistakes;

    /**
     * @param mistakes free of secrets
     */
    public WrongSettingsException(List<String> mistakes) {
        super(String.join(System.lineSeparator(), mistakes));
        this.mistakes = List.copyOf(mistakes);
    }

    /** What Spring cannot read of its own keys. */
    public static WrongSettingsException unreadable(BindException trouble) {
        ConfigurationProperty property = trouble.getProperty();
        String key = trouble.getName().toString();
        Object value = property == null ? "" : property.getValue();
        return new WrongSettingsException(
                List.of(
                        "%s%s: %s; allowed is %s"
                                .formatted(
                                        property == null ? "" : Places.of(property.getOrigin()),
                                        key,
                                        ShownValue.of(key, value),
                                        MistakeCollector.Allowed.of(
                                                trouble.getTarget().getType().toClass()))));
    }

    /** Free of secrets. */
    public List<String> mistakes() {
        return mistakes;
    }

    /** With the place of each in front, where it is known. */
    public WrongSettingsException at(ConfigurableEnvironment environment) {
        return new WrongSettingsException(Places.say(environment, mistakes));
    }
}
