package dev.gantry.config;

import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Environments of known content: nothing of the machine that runs the tests. */
public final class Environments {
    private Environments() {}

    public static StandardEnvironment of(String yaml) {
        return with(yaml, Map.of());
    }

    static StandardEnvironment with(String yaml, Map<String, Object> variables) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().remove("systemProperties");
        environment
                .getPropertySources()
                .replace(
                        "systemEnvironment",
                        new SystemEnvironmentPropertySource("systemEnvironment", variables));
        add(environment, new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8), "test.yml"));
        return environment;
    }

    static StandardEnvironment shipped() {
        StandardEnvironment environment = of("");
        add(environment, new ClassPathResource("application.yml"));
        return environment;
    }

    /** As the command line does. */
    static StandardEnvironment withArgument(String yaml, String key, String value) {
        StandardEnvironment environment = of(yaml);
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource("commandLineArgs", Map.of(key, value)));
        return environment;
    }

    private static void add(StandardEnvironment environment, Resource resource) {
        try {
            new YamlPropertySourceLoader()
                    .load("yaml", resource)
                    .forEach(environment.getPropertySources()::addLast);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
