"""What happens to an inquiry: transitions, actions, notifications, retention."""
