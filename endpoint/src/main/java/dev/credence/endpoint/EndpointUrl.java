package dev.credence.endpoint;

import dev.credence.core.provenance.InputException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * What a user names a server's model by: {@code http://HOST:PORT/v1#MODEL}.
 *
 * @param base the protocol's address, without the model and without a slash at its end
 * @param model the model's name at the server; empty where the server has one model
 */
public record EndpointUrl(URI base, String model) {
    /**
     * Whether an argument is an address rather than a folder.
     *
     * @param argument as the user gave it
     * @return true for {@code http://…} and {@code https://…}
     */
    public static boolean isEndpoint(String argument) {
        String lower = argument.toLowerCase(Locale.ROOT);
        return lower.startsWith("http://") || lower.startsWith("https://");
    }

    /**
     * Reads an address.
     *
     * @param argument as the user gave it
     * @return its parts
     * @throws InputException if it is no address of such a kind; one with a password is refused, since addresses are written into logs
     */
    public static EndpointUrl of(String argument) {
        URI uri;
        try {
            uri = new URI(argument);
        } catch (URISyntaxException e) {
            throw bad(argument, "not an address (" + e.getReason() + ")");
        }
        if (uri.getRawUserInfo() != null) {
            throw bad(
                    uri.getScheme() + "://…@" + uri.getHost(),
                    "an address is written into logs and reports; the key comes from CREDENCE_API_KEY alone");
        }
        if (uri.getHost() == null || uri.getRawQuery() != null) {
            throw bad(argument, "it must be http://HOST:PORT/v1#MODEL");
        }
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        if (path.isEmpty()) {
            throw bad(argument, "the protocol's path is missing, mostly /v1: http://HOST:PORT/v1#MODEL");
        }
        String model = uri.getFragment() == null ? "" : uri.getFragment();
        return new EndpointUrl(URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + path), model);
    }

    /** {@return the address of what lies beside the protocol's own paths: without a last part such as {@code /v1}} */
    URI root() {
        String path = base.getRawPath();
        int last = path.lastIndexOf('/');
        String above = last >= 0 && path.substring(last).matches("/v\\d+") ? path.substring(0, last) : path;
        return URI.create(base.getScheme() + "://" + base.getRawAuthority() + above);
    }

    /** {@return the argument again} */
    @Override
    public String toString() {
        return base + (model.isEmpty() ? "" : "#" + model);
    }

    private static InputException bad(String value, String rule) {
        return InputException.ofSetting("model", value, rule);
    }
}
