package dev.credence.app.serve;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Who is answered: a browser that came by the printed address once. Another page in the same browser is not (no other origin, and
 * the cookie does not travel with its requests), nor is a name that was made to point at this machine (the host must be the loopback's),
 * nor another user of this machine (the token).
 */
final class WebGuard {
    /** Nothing from elsewhere, no script and no style that stands in a page, no frame around it, no form that leaves it. */
    static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final int SECRET = 32; // bytes

    private final String token = secret();
    private final String session = secret();
    private final List<String> hosts;
    private final String cookie;

    /** For a server that listens at an address. */
    WebGuard(InetSocketAddress address) {
        int port = address.getPort();
        this.hosts = List.of("127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port);
        this.cookie = "credence-" + port; // cookies do not tell ports apart
    }

    private static String secret() {
        byte[] bytes = new byte[SECRET];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** What the printed address ends with. */
    String token() {
        return token;
    }

    /** Refuses who is not to be answered; sets the cookie where the token is in the address. */
    void check(HttpExchange exchange, WebRequest request) {
        Headers headers = exchange.getRequestHeaders();
        List<String> named = headers.getOrDefault("Host", List.of());
        if (named.size() != 1 || !hosts.contains(named.get(0).toLowerCase(Locale.ROOT))) {
            throw new WebRefusal(403, "this server answers to the host " + hosts.get(0) + " only");
        }
        String origin = headers.getFirst("Origin");
        if (origin != null && !origin.equalsIgnoreCase("http://" + named.get(0))) {
            throw new WebRefusal(403, "another origin is not answered");
        }
        String site = headers.getFirst("Sec-Fetch-Site");
        if (request.posts() && site != null && !site.equals("same-origin")) {
            throw new WebRefusal(403, "another site is not answered");
        }
        String given = request.first("token");
        if (given != null && request.path().equals("/")) {
            if (!isSame(given, token)) {
                throw new WebRefusal(401, "the token is another: open the address that the program printed");
            }
            exchange.getResponseHeaders()
                    .add("Set-Cookie", cookie + "=" + session + "; Path=/; HttpOnly; SameSite=Strict");
            return;
        }
        if (!hasSession(headers)) {
            throw new WebRefusal(401, "open the address that the program printed");
        }
    }

    /** Whether a person reads the answer: a browser asks for a page, a program takes anything. */
    static boolean wantsPage(Headers headers) {
        return headers.getOrDefault("Accept", List.of()).stream()
                .anyMatch(types -> types.toLowerCase(Locale.ROOT).contains("text/html"));
    }

    private boolean hasSession(Headers headers) {
        boolean found = false;
        for (String line : headers.getOrDefault("Cookie", List.of())) {
            for (String part : line.split(";", -1)) {
                int equals = part.indexOf('=');
                if (equals > 0 && part.substring(0, equals).strip().equals(cookie)) {
                    found |= isSame(part.substring(equals + 1).strip(), session);
                }
            }
        }
        return found;
    }

    /** Takes as long whatever is different. */
    private static boolean isSame(@Nullable String given, String wanted) {
        return given != null
                && MessageDigest.isEqual(
                        given.getBytes(StandardCharsets.UTF_8), wanted.getBytes(StandardCharsets.UTF_8));
    }

    /** What every answer says to the browser. */
    static void dress(Headers headers) {
        headers.set("Content-Security-Policy", POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cache-Control", "no-store");
    }
}
