package dev.credence.endpoint;

import java.time.Duration;

/**
 * How a server is asked.
 *
 * @param inFlight requests at a time
 * @param tries how often a request is sent at most, while what stands in its way may pass
 * @param pause seconds before the second try; doubled before each further one
 * @param patience how long an answer may take
 * @param key sent as a bearer's, never written; empty for none
 */
public record EndpointSettings(int inFlight, int tries, double pause, Duration patience, String key) {
    /** Requests at a time that a small server has slots for. */
    public static final int IN_FLIGHT = 8;

    /**
     * Checks the numbers.
     *
     * @param inFlight as above
     * @param tries as above
     * @param pause as above
     * @param patience as above
     * @param key as above
     * @throws IllegalArgumentException if one is below its least
     */
    public EndpointSettings {
        if (!(inFlight > 0) || !(tries > 0) || !(pause >= 0) || patience.isNegative() || patience.isZero()) {
            throw new IllegalArgumentException("requests in flight, tries, pause and patience are " + inFlight + ", "
                    + tries + ", " + pause + ", " + patience + "; at least 1, 1, 0 and above 0");
        }
    }

    /** {@return eight requests at a time, six tries over half a minute, ten minutes for an answer, the key of the environment} */
    public static EndpointSettings ofEnvironment() {
        String key = System.getenv("CREDENCE_API_KEY");
        return new EndpointSettings(IN_FLIGHT, 6, 1, Duration.ofMinutes(10), key == null ? "" : key.strip());
    }

    /** {@return the settings without the key, which is never written} */
    @Override
    public String toString() {
        return "EndpointSettings[inFlight=" + inFlight + ", tries=" + tries + ", pause=" + pause + ", patience="
                + patience + "]";
    }
}
