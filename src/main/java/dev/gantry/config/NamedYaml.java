package dev.gantry.config;

import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.Resource;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

import java.io.CharConversionException;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads YAML as Spring Boot does, and names the file and the line that is none. Listed in
 * META-INF/spring.factories; the first loader of a kind of file is the one that is asked.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class NamedYaml extends YamlPropertySourceLoader {
    /** Other problems name what the file says, and a secret may stand there. */
    private static final Pattern QUOTES_NOTHING =
            Pattern.compile(
                    "(?:expected|mapping values|could not find expected|found duplicate key"
                            + "|found character '\\\\t\\(TAB\\)') .*");

    @Override
    public List<PropertySource<?>> load(String name, Resource resource) throws IOException {
        try {
            return super.load(name, resource);
        } catch (MarkedYAMLException e) {
            throw wrong(resource, place(e) + problem(e));
        } catch (YAMLException | CharConversionException _) {
            throw wrong(resource, ": no valid YAML: there are characters that it cannot hold");
        }
    }

    private static String place(MarkedYAMLException e) {
        return e.getProblemMark() == null ? "" : ":" + (e.getProblemMark().getLine() + 1);
    }

    private static String problem(MarkedYAMLException e) {
        String problem = String.valueOf(e.getProblem());
        return ": no valid YAML"
                + (e.getProblemMark() == null
                        ? ""
                        : " at column " + (e.getProblemMark().getColumn() + 1))
                + (QUOTES_NOTHING.matcher(problem).matches() ? ": " + problem : "");
    }

    private static WrongSettingsException wrong(Resource resource, String what) {
        return new WrongSettingsException(List.of(Places.file(resource) + what));
    }
}
