"""What stands on all apps: the back office's pages and the commands that span the apps."""
