package dev.gantry.config.catalog;

import static java.util.Objects.requireNonNullElse;

import dev.gantry.config.ProviderSettings;
import dev.gantry.config.ProviderSettings.Model;
import dev.gantry.discovery.ListedModel;
import dev.gantry.inference.Capability;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.ModelType;
import dev.gantry.metering.ModelFacts;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The models that an instance has lanes for: those that it lists, where its provider discovers,
 * with what the configuration says of them, else the list, else the price file. Pure.
 */
final class OfferedModels {
    /** Every Claude takes it; the dialect needs one with every call. */
    private static final long LEAST_ANTHROPIC_OUTPUT = 4096;

    private final ProviderSettings provider;
    private final ProviderSettings.Instance instance;
    private final Function<String, @Nullable ModelFacts> file;

    /**
     * @param file what the price file knows of a model; null: nothing
     */
    OfferedModels(
            ProviderSettings provider,
            ProviderSettings.Instance instance,
            Function<String, @Nullable ModelFacts> file) {
        this.provider = provider;
        this.instance = instance;
        this.file = file;
    }

    /**
     * A model with all its settings.
     *
     * @param rank its place among the provider's; 0 is its default
     */
    record Offered(Model model, int rank) {}

    /** Those of the configuration: what the instance has does not count. */
    List<Offered> configured() {
        List<Offered> all = new ArrayList<>();
        for (int rank = 0; rank < provider.models().size(); rank++) {
            Model model = provider.models().get(rank);
            if (instance.models().isEmpty() || instance.models().contains(model.id())) {
                all.add(new Offered(model, rank));
            }
        }
        return all;
    }

    List<Offered> listed(List<ListedModel> list) {
        Set<String> names = list.stream().map(ListedModel::id).collect(Collectors.toSet());
        List<Offered> all = new ArrayList<>();
        for (ListedModel listed : list) {
            if (instance.models().isEmpty() || anyMatches(instance.models(), listed.id())) {
                entries(listed.id())
                        .forEach(rank -> all.add(new Offered(merged(listed, rank, names), rank)));
            }
        }
        return all;
    }

    private static boolean anyMatches(List<String> ids, String listed) {
        return ids.stream().anyMatch(each -> ModelPattern.matches(each, listed));
    }

    /** Its own entries, else those of its name without the tag, else the first glob, else none. */
    private List<Integer> entries(String listed) {
        List<Integer> own = ranks(listed::equals);
        if (own.isEmpty()) {
            own = ranks(ModelPattern.untagged(listed)::equals);
        }
        if (own.isEmpty()) {
            own = ranks(id -> ModelPattern.matches(id, listed)).stream().limit(1).toList();
        }
        return own.isEmpty() ? List.of(provider.models().size()) : own;
    }

    private List<Integer> ranks(Predicate<String> wanted) {
        List<Integer> ranks = new ArrayList<>();
        for (int rank = 0; rank < provider.models().size(); rank++) {
            if (wanted.test(String.valueOf(provider.models().get(rank).id()))) {
                ranks.add(rank);
            }
        }
        return ranks;
    }

    private Model merged(ListedModel listed, int rank, Set<String> names) {
        boolean known = rank < provider.models().size();
        Model entry = known ? provider.models().get(rank) : Model.PLAIN;
        ModelFacts facts = requireNonNullElse(file.apply(listed.id()), ModelFacts.NONE);
        Set<String> aliases = new LinkedHashSet<>(entry.aliases());
        aliases.addAll(shortNames(listed.id(), names));
        return new Model(
                listed.id(),
                List.copyOf(aliases),
                known || !facts.embeds() ? entry.type() : ModelType.EMBEDDING,
                first(entry.contextWindow(), listed.contextWindow(), facts.contextWindow()),
                output(
                        first(
                                entry.maxOutputTokens(),
                                listed.maxOutputTokens(),
                                facts.maxOutputTokens())),
                entry.maxTokensField(),
                entry.unsupportedParams(),
                entry.capabilities().isEmpty()
                        ? facts.capabilities().stream().map(Capability::label).sorted().toList()
                        : entry.capabilities(),
                entry.weight(),
                entry.quality(),
                entry.price(),
                entry.limits());
    }

    /** A name without a tag is the latest's, where there is one, as with Ollama; else any tag's. */
    private static Set<String> shortNames(String id, Set<String> names) {
        String name = ModelPattern.untagged(id);
        boolean others = names.contains(name) || names.contains(ModelPattern.latest(name));
        return name.equals(id) || (others && !id.equals(ModelPattern.latest(name)))
                ? Set.of()
                : Set.of(name);
    }

    private @Nullable Long output(@Nullable Long known) {
        return known == null && provider.dialect() == Dialect.ANTHROPIC
                ? Long.valueOf(LEAST_ANTHROPIC_OUTPUT)
                : known;
    }

    private static @Nullable Long first(
            @Nullable Long one, @Nullable Long other, @Nullable Long last) {
        return one != null ? one : other != null ? other : last;
    }
}
