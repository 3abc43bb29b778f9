package dev.gantry.config.catalog;

import dev.gantry.config.GantrySettings;
import dev.gantry.config.Mistakes;
import dev.gantry.config.SettingsFiles;
import dev.gantry.config.WrongSettingsException;
import dev.gantry.inference.CallTarget;
import dev.gantry.inference.EditDistance;
import dev.gantry.provider.Endpoint;
import dev.gantry.routing.Lane;

import org.springframework.core.env.ConfigurableEnvironment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether a worker can do anything with its lanes: if not, it takes no requests. */
public final class LaneCheck {
    private static final String PROVIDERS = "gantry.providers";

    private LaneCheck() {}

    /**
     * Some lane, a key for each provider, and each key file where it is said to be.
     *
     * @throws WrongSettingsException naming each mistake, and the files that were read
     */
    public static void check(
            GantrySettings settings, LaneCatalog catalog, ConfigurableEnvironment environment) {
        Mistakes mistakes = new Mistakes();
        if (settings.providers().isEmpty()) {
            mistakes.missing(
                    PROVIDERS,
                    "at least one provider with a model; " + SettingsFiles.searched(environment));
        }
        Set<CallTarget> keyed =
                catalog.lanes().stream()
                        .filter(Lane::credentials)
                        .map(Lane::target)
                        .collect(Collectors.toSet());
        List<Endpoint> keyless =
                catalog.endpoints().stream()
                        .filter(each -> !keyed.contains(each) && !hasKey(each))
                        .toList();
        Set<String> usable =
                catalog.endpoints().stream()
                        .filter(each -> !keyless.contains(each))
                        .map(Endpoint::provider)
                        .collect(Collectors.toSet());
        keyless.forEach(each -> key(each, usable.contains(each.provider()), mistakes));
        try {
            mistakes.stop();
        } catch (WrongSettingsException e) {
            throw e.at(environment);
        }
    }

    private static boolean hasKey(Endpoint endpoint) {
        return endpoint.auth() instanceof Endpoint.Auth.None
                || endpoint.apiKey() != null
                || LaneBuilder.holdsSomething(endpoint.apiKeyFile());
    }

    private static void key(Endpoint endpoint, boolean othersHaveOne, Mistakes mistakes) {
        String key =
                "%s.%s.instances.%s.api-key"
                        .formatted(PROVIDERS, endpoint.provider(), endpoint.instance());
        Path file = endpoint.apiKeyFile();
        if (file != null && !Files.exists(file)) {
            mistakes.add(
                    "%s-file: %s: there is no such file%s"
                            .formatted(
                                    key,
                                    file,
                                    neighbour(file)
                                            .map(", did you mean %s?"::formatted)
                                            .orElse("")));
        } else if (!othersHaveOne && file != null) {
            mistakes.add("%s-file: %s: it is empty, or cannot be read".formatted(key, file));
        } else if (!othersHaveOne) {
            mistakes.missing(key, "a key, or a file with one under api-key-file, or auth: none");
        }
    }

    /** The file beside it whose name is most alike. */
    private static Optional<Path> neighbour(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return EditDistance.nearest(
                            String.valueOf(file.getFileName()),
                            files.map(each -> String.valueOf(each.getFileName())).toList())
                    .map(file::resolveSibling);
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
