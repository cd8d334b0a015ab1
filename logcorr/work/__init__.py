"""Files read and classified by other processes or a cluster, and where what they made is kept."""
