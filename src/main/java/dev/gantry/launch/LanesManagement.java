package dev.gantry.launch;

import dev.gantry.circuit.Circuits;
import dev.gantry.config.GantrySettings;
import dev.gantry.escalation.EscalationLoop;
import dev.gantry.explain.Explainer;
import dev.gantry.observe.ExplainPost;
import dev.gantry.observe.LanesEndpoint;
import dev.gantry.observe.LanesPost;
import dev.gantry.observe.OperatorToken;
import dev.gantry.observe.PostMapping;
import dev.gantry.observe.ReloadPost;
import dev.gantry.request.RequestLimits;
import dev.gantry.request.RequestTopics;
import dev.gantry.routing.Catalogue;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointProperties;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.context.annotation.Bean;

import java.time.InstantSource;

/** What the management port serves beside the actuator's own; listed in META-INF/spring. */
@ManagementContextConfiguration(proxyBeanMethods = false)
@ConditionalOnAvailableEndpoint(endpoint = LanesEndpoint.class)
class LanesManagement {
    @Bean
    PostMapping lanesPost(
            Circuits circuits, GantrySettings settings, WebEndpointProperties endpoints) {
        return new PostMapping(
                endpoints.getBasePath() + "/lanes", new LanesPost(circuits, token(settings)));
    }

    @Bean
    PostMapping reloadPost(
            CatalogueReload reload, GantrySettings settings, WebEndpointProperties endpoints) {
        return new PostMapping(
                endpoints.getBasePath() + "/reload", new ReloadPost(reload, token(settings)));
    }

    @Bean
    PostMapping explainPost(
            Catalogue catalogue,
            Circuits circuits,
            EscalationLoop loop,
            GantrySettings settings,
            RequestTopics topics,
            InstantSource clock,
            WebEndpointProperties endpoints) {
        RequestLimits limits = settings.worker().requestLimits();
        var source = new Explainer.Source(limits, topics, settings.usualTopic());
        Explainer explainer = Explainer.of(catalogue, circuits, loop, source, clock);
        return new PostMapping(
                endpoints.getBasePath() + "/explain",
                new ExplainPost(explainer, limits, token(settings)));
    }

    private static OperatorToken token(GantrySettings settings) {
        return new OperatorToken(settings.operator().token().value());
    }
}
