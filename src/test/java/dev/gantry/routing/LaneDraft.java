package dev.gantry.routing;

import dev.gantry.inference.CallTarget;
import dev.gantry.inference.Capability;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Quality;
import dev.gantry.inference.Tier;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A lane for tests: able to do everything, of unknown window, until told otherwise. */
public final class LaneDraft {
    private final LaneId id;
    private List<String> aliases = List.of();
    private @Nullable Long window;
    private @Nullable Long maxOutput;
    private String maxTokensField = "max_tokens";
    private Set<String> unsupported = Set.of();
    private Set<Capability> capabilities = EnumSet.allOf(Capability.class);
    private @Nullable Quality quality;
    private double weight = 100;
    private int rank;
    private Duration timeout = Duration.ofMinutes(1);
    private boolean credentials = true;
    private ModelLists lists = ModelLists.NONE;
    private boolean discovered;
    private String key = "first";
    private Dialect dialect = Dialect.OPENAI;

    /** For lanes that nobody really calls. */
    private record Nowhere(String id, String vendor, String key, Dialect dialect)
            implements CallTarget {}

    private LaneDraft(LaneId id) {
        this.id = id;
    }

    /** From {@code tier:provider:instance:type:model}. */
    public static LaneDraft lane(String id) {
        String[] parts = id.split(":", 5);
        return new LaneDraft(
                new LaneId(
                        Tier.of(parts[0]).orElseThrow(),
                        parts[1],
                        parts[2],
                        ModelType.valueOf(parts[3].toUpperCase(Locale.ROOT)),
                        parts[4]));
    }

    public LaneDraft aliases(String... names) {
        aliases = List.of(names);
        return this;
    }

    public LaneDraft dialect(Dialect value) {
        dialect = value;
        return this;
    }

    public LaneDraft window(long tokens) {
        window = tokens;
        return this;
    }

    public LaneDraft maxOutput(long tokens) {
        maxOutput = tokens;
        return this;
    }

    public LaneDraft maxTokensField(String field) {
        maxTokensField = field;
        return this;
    }

    public LaneDraft unsupported(String... parameters) {
        unsupported = Set.of(parameters);
        return this;
    }

    public LaneDraft capabilities(Capability... all) {
        capabilities = Set.of(all);
        return this;
    }

    public LaneDraft quality(Quality value) {
        quality = value;
        return this;
    }

    public LaneDraft weight(double value) {
        weight = value;
        return this;
    }

    public LaneDraft rank(int value) {
        rank = value;
        return this;
    }

    public LaneDraft timeout(Duration value) {
        timeout = value;
        return this;
    }

    public LaneDraft withoutCredentials() {
        credentials = false;
        return this;
    }

    /** Its provider's own. */
    public LaneDraft lists(ModelLists value) {
        lists = value;
        return this;
    }

    /** There because its instance lists it. */
    public LaneDraft discovered() {
        discovered = true;
        return this;
    }

    /** Where it leads is another place then. */
    public LaneDraft key(String value) {
        key = value;
        return this;
    }

    public Lane build() {
        return new Lane(
                id,
                aliases,
                window,
                maxOutput,
                maxTokensField,
                unsupported,
                capabilities,
                quality,
                weight,
                rank,
                timeout,
                credentials,
                lists,
                discovered,
                new Nowhere(id.provider() + ":" + id.instance(), "generic", key, dialect));
    }
}
