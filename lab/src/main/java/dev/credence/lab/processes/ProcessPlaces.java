package dev.credence.lab.processes;

import dev.credence.core.provenance.InputException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * How many processes share a run, and where they are: all on this machine, or dealt out in turn among machines that have the same
 * program and the same folders under the same names.
 *
 * @param number of processes, the first with them, 1 to {@value #MOST}
 * @param hosts the machines, this one first, each by the name or address that the others reach it by; empty for this machine alone
 */
public record ProcessPlaces(int number, List<String> hosts) {
    /** The largest number of processes. */
    public static final int MOST = 64;

    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?");
    private static final String LOOPBACK = "127.0.0.1";

    /**
     * Checks the numbers and names.
     *
     * @param number of processes
     * @param hosts where they are
     * @throws InputException if the number is out of its range or smaller than that of hosts, or a host is no name or stands twice
     */
    public ProcessPlaces {
        if (!(number >= 1 && number <= MOST)) {
            throw InputException.ofSetting("processes", Integer.toString(number), "it is from 1 to " + MOST);
        }
        hosts = List.copyOf(hosts);
        for (String host : hosts) {
            if (!HOST.matcher(host).matches()) {
                throw InputException.ofSetting("hosts", host, "a host is a name or an address");
            }
        }
        if (new LinkedHashSet<>(hosts).size() < hosts.size()) {
            throw InputException.ofSetting(
                    "hosts", String.join(",", hosts), "each stands there once, whatever the number of processes");
        }
        if (hosts.size() > number) {
            throw InputException.ofSetting(
                    "hosts",
                    String.join(",", hosts),
                    String.format(Locale.ROOT, "they are %d and the processes %d", hosts.size(), number));
        }
    }

    /**
     * Processes on this machine.
     *
     * @param number of them
     * @return the places
     * @throws InputException if the number is out of its range
     */
    public static ProcessPlaces here(int number) {
        return new ProcessPlaces(number, List.of());
    }

    /** {@return whether there are others than the first} */
    public boolean isShared() {
        return number > 1;
    }

    /** {@return how many processes share the processors of a machine, at most} */
    public int perMachine() {
        return hosts.isEmpty() ? number : (number + hosts.size() - 1) / hosts.size();
    }

    /** Refuses a first host that is another machine, or none that is known here. */
    void checkFirst() throws SocketException {
        if (hosts.isEmpty()) {
            return;
        }
        InetAddress first;
        try {
            first = InetAddress.getByName(hosts.get(0));
        } catch (UnknownHostException e) {
            throw InputException.ofSetting("hosts", hosts.get(0), "no address of that name is known");
        }
        if (NetworkInterface.getByInetAddress(first) == null) {
            throw InputException.ofSetting(
                    "hosts",
                    hosts.get(0),
                    "the first is this machine, and " + first.getHostAddress() + " is none of its addresses");
        }
    }

    /** {@return where a process is} */
    String host(int rank) {
        return hosts.isEmpty() ? LOOPBACK : hosts.get(rank % hosts.size());
    }

    /** {@return a process's number among those of its machine, from 0} */
    int seat(int rank) {
        return rank / Math.max(1, hosts.size());
    }

    /** {@return whether a process is on the first one's machine} */
    boolean isHere(int rank) {
        return hosts.isEmpty() || rank % hosts.size() == 0;
    }
}
