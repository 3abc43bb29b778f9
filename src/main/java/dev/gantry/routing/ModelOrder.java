package dev.gantry.routing;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.RequestOptions;
import dev.gantry.routing.RoutingSettings.ModelMismatch;
import dev.gantry.routing.RoutingSettings.UnknownModel;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** Which models a request may use, in order (routing rules, section 1.5). */
final class ModelOrder {
    private final LaneIndex index;
    private final RoutingSettings settings;

    ModelOrder(LaneIndex index, RoutingSettings settings) {
        this.index = index;
        this.settings = settings;
    }

    /** How many models the catalogue has. */
    int count() {
        return index.modelCount();
    }

    /** The offers of each wanted model, before any filter; an offer may stand in several. */
    List<List<Offer>> of(InferenceRequest request) {
        ModelType type = request.operation().type();
        RequestOptions.RoutingConstraints constraints = request.options().constraints();
        String explicit = name(constraints.model());
        String wished = name(request.body().facts().model());
        List<List<Offer>> models = new ArrayList<>();
        if (explicit != null) {
            models.add(offering(explicit, type));
            if (models.getFirst().isEmpty()) {
                return List.of();
            }
        } else if (wished != null) {
            models.add(wished(wished, type, constraints));
        } else {
            models.add(unnamed(type, constraints));
        }
        constraints.fallbackModels().forEach(each -> models.add(offering(each.strip(), type)));
        settings.fallbackModels().forEach(each -> models.add(offering(each.strip(), type)));
        if (settings.unknownModel() == UnknownModel.AUTO
                && wished != null
                && models.stream().allMatch(List::isEmpty)) {
            models.add(index.all(type));
        }
        return models;
    }

    /** The name that messages use for what was asked; null where nothing was named. */
    @Nullable String asked(InferenceRequest request) {
        String explicit = name(request.options().constraints().model());
        return explicit != null ? explicit : name(request.body().facts().model());
    }

    private List<Offer> offering(String name, ModelType type) {
        return name.equals(ModelName.AUTO) ? index.all(type) : index.named(name);
    }

    /** A hard provider that lacks the wished model may answer with its own default. */
    private List<Offer> wished(
            String name, ModelType type, RequestOptions.RoutingConstraints constraints) {
        List<Offer> offers = offering(name, type);
        if (constraints.provider() == null || settings.modelMismatch() == ModelMismatch.REJECT) {
            return offers;
        }
        List<Offer> own = own(constraints.provider(), type, constraints.instance());
        if (own.isEmpty() || offers.stream().anyMatch(own::contains)) {
            return offers;
        }
        return LaneIndex.firstModel(own);
    }

    /** The explicit provider's default, never another provider's; else the configured one. */
    private List<Offer> unnamed(ModelType type, RequestOptions.RoutingConstraints constraints) {
        if (constraints.provider() != null) {
            return LaneIndex.firstModel(own(constraints.provider(), type, constraints.instance()));
        }
        if (settings.defaultModel() != null) {
            return offering(settings.defaultModel().strip(), type);
        }
        return settings.defaultProvider() == null
                ? List.of()
                : LaneIndex.firstModel(own(settings.defaultProvider(), type, null));
    }

    private List<Offer> own(String provider, ModelType type, @Nullable String instance) {
        return index.ofProvider(provider).stream()
                .filter(each -> each.lane().id().type() == type)
                .filter(each -> instance == null || each.lane().id().instance().equals(instance))
                .toList();
    }

    private static @Nullable String name(@Nullable String raw) {
        return raw == null || raw.isBlank() ? null : raw.strip();
    }
}
