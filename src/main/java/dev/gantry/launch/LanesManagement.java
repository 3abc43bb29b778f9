package dev.gantry.launch;

import dev.gantry.circuit.Circuits;
import dev.gantry.config.GantrySettings;
import dev.gantry.observe.LanesEndpoint;
import dev.gantry.observe.LanesPost;
import dev.gantry.observe.OperatorToken;
import dev.gantry.observe.PostMapping;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointProperties;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.context.annotation.Bean;

/** What the management port serves beside the actuator's own; listed in META-INF/spring. */
@ManagementContextConfiguration(proxyBeanMethods = false)
@ConditionalOnAvailableEndpoint(endpoint = LanesEndpoint.class)
class LanesManagement {
    @Bean
    PostMapping lanesPost(
            Circuits circuits, GantrySettings settings, WebEndpointProperties endpoints) {
        return new PostMapping(
                endpoints.getBasePath() + "/lanes",
                new LanesPost(circuits, new OperatorToken(settings.operator().token().value())));
    }
}
