package dev.gantry.launch;

import dev.gantry.config.GantrySettings;
import dev.gantry.observe.AllowedHosts;
import dev.gantry.observe.GuardedProtocol;
import dev.gantry.observe.ManagementGate;
import dev.gantry.observe.ManagementGate.Reach;
import dev.gantry.observe.OperatorToken;

import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** The management port's bounds, and who may see what there; listed in META-INF/spring. */
@ManagementContextConfiguration(proxyBeanMethods = false)
class ManagementPort {
    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> guardedConnections() {
        return factory -> factory.setProtocol(GuardedProtocol.class.getName());
    }

    @Bean
    FilterRegistrationBean<ManagementGate> managementGate(
            GantrySettings settings, ManagementServerProperties server, Environment environment) {
        InetAddress address = server.getAddress();
        ManagementGate gate =
                new ManagementGate(
                        new AllowedHosts(hosts(settings, environment)),
                        new OperatorToken(settings.operator().token().value()),
                        address != null && address.isLoopbackAddress()
                                ? Reach.LOOPBACK
                                : Reach.NETWORK);
        FilterRegistrationBean<ManagementGate> registration = new FilterRegistrationBean<>(gate);
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return registration;
    }

    /** Those of the settings, the one that the port is bound to, and the machine's own. */
    private static List<String> hosts(GantrySettings settings, Environment environment) {
        List<String> hosts = new ArrayList<>(settings.operator().allowedHosts());
        hosts.add(environment.getProperty("management.server.address", "localhost"));
        try {
            hosts.add(InetAddress.getLocalHost().getHostName());
        } catch (UnknownHostException _) {
            // A machine that does not know its name is not called by it.
        }
        return hosts;
    }
}
