package dev.gantry.launch;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.config.LaneCatalog;
import dev.gantry.inference.LaneId;
import dev.gantry.observe.LaneMeters;
import dev.gantry.observe.RequestMeters;
import dev.gantry.provider.Endpoint;
import dev.gantry.provider.Providers;
import dev.gantry.routing.Catalogue;
import dev.gantry.routing.Lane;
import dev.gantry.routing.RoutingSettings;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Replaces what is offered while the worker runs. Whoever knows of lanes is told here, in an order
 * that never shows a request a lane that some part does not know yet.
 */
final class CatalogueSwap {
    private final Parts parts;

    /** Guarded by this. */
    private LaneCatalog inForce;

    /** Whoever knows of lanes. */
    record Parts(
            Catalogue catalogue,
            Circuits circuits,
            AdmissionControl admission,
            Providers providers,
            LaneMeters meters,
            RequestMeters requests) {}

    CatalogueSwap(Parts parts, LaneCatalog first) {
        this.parts = parts;
        this.inForce = first;
    }

    synchronized LaneCatalog inForce() {
        return inForce;
    }

    synchronized List<Endpoint> endpoints() {
        return inForce.endpoints();
    }

    /**
     * Has its endpoints ready, so that nothing but trouble with them can be said against it.
     *
     * @throws RuntimeException if an endpoint cannot be used; nothing has changed then
     */
    synchronized void open(LaneCatalog next) {
        try {
            parts.providers().open(next.endpoints());
        } catch (RuntimeException e) {
            parts.providers().keep(inForce.endpoints());
            throw e;
        }
    }

    /** From now on requests begin with this one, whose endpoints are open. */
    synchronized void to(LaneCatalog next, RoutingSettings routing) {
        // Both while the catalogue changes: nobody is routed to a lane that counts as gone.
        List<ScopeMembership> both = new ArrayList<>(inForce.members());
        both.addAll(next.members());
        parts.circuits().offer(both);
        parts.catalogue().replace(next.snapshot(routing));
        inForce = next;
        parts.circuits().offer(next.members());
        parts.admission().leaveGone();
        parts.providers().keep(next.endpoints());
        Set<LaneId> offered = next.lanes().stream().map(Lane::id).collect(Collectors.toSet());
        parts.requests().keep(offered);
        parts.catalogue().latencies().keep(offered);
        parts.meters().show(shown(next));
    }

    /** What the gauges show of it. */
    static LaneMeters.Shown shown(LaneCatalog catalog) {
        return new LaneMeters.Shown(
                catalog.lanes().stream().map(Lane::id).toList(), catalog.hash());
    }
}
