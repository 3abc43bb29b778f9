package dev.gantry.observe;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.URI;
import java.security.Principal;
import java.util.Map;

/** Stands before every page of the management port: who may come in, and what they may see. */
public final class ManagementGate implements Filter {
    private static final Principal OPERATOR = () -> "operator";
    private static final Principal NEIGHBOUR = () -> "neighbour";

    private final AllowedHosts hosts;
    private final OperatorToken token;
    private final Reach reach;

    /** From where the port can be reached. */
    public enum Reach {
        LOOPBACK,
        NETWORK
    }

    public ManagementGate(AllowedHosts hosts, OperatorToken token, Reach reach) {
        this.hosts = hosts;
        this.token = token;
        this.reach = reach;
    }

    @Override
    public void doFilter(ServletRequest incoming, ServletResponse outgoing, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) incoming;
        HttpServletResponse response = (HttpServletResponse) outgoing;
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Content-Type-Options", "nosniff");
        String refusal = refusal(request);
        if (refusal != null) {
            response.setStatus(HttpServletResponse.SC_FORBIDDEN);
            response.setContentType("application/json");
            response.getOutputStream()
                    .write(JsonMapper.shared().writeValueAsBytes(Map.of("error", refusal)));
            return;
        }
        boolean operator = token.isShownIn(request.getHeader("Authorization"));
        Viewer viewer = operator ? Viewer.OPERATOR : Viewer.ANYBODY;
        try {
            ScopedValue.where(Viewer.CURRENT, viewer)
                    .call(
                            () -> {
                                chain.doFilter(known(request, operator), response);
                                return viewer;
                            });
        } catch (IOException | ServletException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new ServletException(e);
        }
    }

    /** Null: none. */
    private @Nullable String refusal(HttpServletRequest request) {
        if (!hosts.allow(request.getHeader("Host"))) {
            return "this name is not in gantry.operator.allowed-hosts";
        }
        // Browsers say where a request comes from; other clients have no reason to.
        String origin = request.getHeader("Origin");
        String site = request.getHeader("Sec-Fetch-Site");
        boolean foreign =
                (origin != null && !isOurs(origin))
                        || "cross-site".equalsIgnoreCase(site)
                        || "same-site".equalsIgnoreCase(site);
        return foreign ? "requests from other web pages are not answered" : null;
    }

    private boolean isOurs(String origin) {
        try {
            String authority = URI.create(origin).getRawAuthority();
            return authority != null && hosts.allow(authority);
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /** Spring Boot shows the details of health to whoever has a name. */
    private HttpServletRequest known(HttpServletRequest request, boolean operator) {
        if (!operator && reach == Reach.NETWORK) {
            return new TextRequest(request);
        }
        return new TextRequest(request) {
            @Override
            public Principal getUserPrincipal() {
                return operator ? OPERATOR : NEIGHBOUR;
            }

            @Override
            public boolean isUserInRole(String role) {
                return operator && role.equals(OPERATOR.getName());
            }
        };
    }
}
