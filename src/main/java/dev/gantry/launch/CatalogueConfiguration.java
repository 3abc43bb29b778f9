package dev.gantry.launch;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.circuit.Circuits;
import dev.gantry.config.GantrySettings;
import dev.gantry.config.catalog.LaneCatalog;
import dev.gantry.delivery.Delivery;
import dev.gantry.discovery.ModelDiscovery;
import dev.gantry.event.Origin;
import dev.gantry.limit.FleetLimits;
import dev.gantry.observe.LaneMeters;
import dev.gantry.observe.ReloadAnnouncer;
import dev.gantry.observe.RequestMeters;
import dev.gantry.provider.Providers;
import dev.gantry.provider.TransportSettings;
import dev.gantry.request.RequestTopics;
import dev.gantry.routing.Catalogue;
import dev.gantry.routing.LaneLatencies;

import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

import java.time.InstantSource;

/** What is offered, and how it changes while the worker runs. */
@Configuration(proxyBeanMethods = false)
class CatalogueConfiguration {
    @Bean
    Catalogue catalogue(LaneCatalog first) {
        return new Catalogue(first.snapshot(), new LaneLatencies(System::nanoTime));
    }

    @Bean
    Providers providers(GantrySettings settings, LaneCatalog first, SslBundles bundles) {
        return new Providers(
                first.endpoints(),
                new TransportSettings(settings.worker().maxResponseSize()),
                name -> bundles.getBundle(name).createSslContext());
    }

    @Bean
    LaneMeters laneMeters(
            Circuits circuits, AdmissionControl admission, Origin origin, LaneCatalog first) {
        return new LaneMeters(circuits, admission, origin.build(), CatalogueSwap.shown(first));
    }

    @Bean
    CatalogueSwap.Parts catalogueParts(
            Catalogue catalogue,
            Circuits circuits,
            AdmissionControl admission,
            FleetLimits limits,
            Providers providers,
            LaneMeters meters,
            RequestMeters requests) {
        return new CatalogueSwap.Parts(
                catalogue, circuits, admission, limits, providers, meters, requests);
    }

    @Bean
    CatalogueSwap catalogueSwap(CatalogueSwap.Parts parts, LaneCatalog first) {
        return new CatalogueSwap(parts, first);
    }

    @Bean(initMethod = "start")
    ModelDiscovery modelDiscovery(
            Providers providers, CatalogueSwap swap, LaneCatalog first, InstantSource clock) {
        ModelDiscovery discovery = new ModelDiscovery(providers, swap::follow, clock);
        discovery.watch(first.discovering());
        return discovery;
    }

    @Bean
    ReloadAnnouncer reloadAnnouncer(Delivery delivery, MeterRegistry registry) {
        return new ReloadAnnouncer(delivery, registry);
    }

    @Bean
    CatalogueReload catalogueReload(
            ConfigurableEnvironment environment,
            GantrySettings started,
            KafkaConnectionDetails connection,
            CatalogueSwap swap,
            RequestTopics topics,
            ModelDiscovery discovery,
            ReloadAnnouncer announcer,
            InstantSource clock) {
        return new CatalogueReload(
                environment, started, connection, swap, topics, discovery, announcer, clock);
    }
}
