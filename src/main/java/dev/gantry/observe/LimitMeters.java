package dev.gantry.observe;

import dev.gantry.limit.FleetLimits;
import dev.gantry.limit.LimitDimension;
import dev.gantry.limit.LimitScope;
import dev.gantry.limit.LimitUse;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** {@code gantry.limit…}: the limits that are known, and what this worker has and uses of them. */
public final class LimitMeters implements MeterBinder {
    private final FleetLimits limits;

    public LimitMeters(FleetLimits limits) {
        this.limits = limits;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        MultiGauge limit =
                MultiGauge.builder("gantry.limit")
                        .description("what the fleet may do on a scope, per minute or at once")
                        .register(registry);
        MultiGauge share =
                MultiGauge.builder("gantry.limit.share")
                        .description("what of a limit is this worker's now")
                        .register(registry);
        MultiGauge used =
                MultiGauge.builder("gantry.limit.used")
                        .description(
                                "what this worker has used since its start; calls: under way now")
                        .register(registry);
        MultiGauge waiting =
                MultiGauge.builder("gantry.limit.waiting")
                        .description("requests in line for lanes of a scope that has a limit")
                        .register(registry);
        limits.onLimits(
                () -> {
                    List<LimitUse> known = limits.uses();
                    limit.register(rows(known, LimitUse::limit), true);
                    share.register(rows(known, LimitUse::share), true);
                    used.register(rows(known, LimitUse::used), true);
                    waiting.register(rows(known, LimitUse::waiting), true);
                });
    }

    private List<Row<?>> rows(List<LimitUse> known, ToDoubleFunction<LimitUse> value) {
        return known.stream().<Row<?>>map(each -> row(each, value)).toList();
    }

    private Row<?> row(LimitUse known, ToDoubleFunction<LimitUse> value) {
        LimitScope scope = known.scope();
        LimitDimension dimension = known.dimension();
        Tags tags =
                Tags.of(
                        "scope", scope.value(),
                        "dimension", dimension.label(),
                        "source", known.source().label());
        return Row.of(
                tags,
                () -> limits.use(scope, dimension).map(value::applyAsDouble).orElse(Double.NaN));
    }
}
